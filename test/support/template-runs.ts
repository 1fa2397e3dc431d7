import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { DEMO_ADVISORIES } from '@plimsoll/testkit/demo/advisories';
import { type Checkout, checkoutHarbour, setOrigin } from '@plimsoll/testkit/demo/fixture';
import { Consumer, type Trust } from '@plimsoll/testkit/demo/proof';
import { type ActRun, runAct } from '@plimsoll/testkit/runner/act';
import { type LocalRepositories, loopbackSuite } from '@plimsoll/testkit/runner/loopback-suite';
import { pushEvent, repositoryPayload } from '@plimsoll/testkit/world/identity';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { parse, stringify } from 'yaml';
import { declaredBy } from '../../scripts/house/suite-calls.mjs';

/** The templates as `plimsoll init` copies them, the reusable workflows that they call, and the actions of dist/. */
const suite = path.resolve(import.meta.dirname, '../..');
const EXTRAS = ['--quay', '--release', '--release-dispatch', '--rollback', '--rescan'];

interface Template {
  readonly jobs: Record<string, { uses?: string; with?: Record<string, unknown>; steps?: readonly Step[] }>;
}
interface Step {
  readonly uses?: string;
  with?: Record<string, unknown>;
}

export interface StartedTemplate {
  readonly template: string;
  readonly event: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly checkout?: Checkout;
  /** The reusable workflow that signs, as the token of its job names it. */
  readonly signer?: string;
}

interface Parts {
  readonly world: World;
  readonly consumer: Consumer;
  readonly harbour: Checkout;
  readonly written: Readonly<Record<string, string>>;
  readonly repositories: LocalRepositories;
  readonly loopback: Readonly<Record<string, string>>;
}

/** A repository with the workflows that `plimsoll init` wrote, run by act on loopback. */
export class TemplateRuns {
  readonly world: World;
  readonly consumer: Consumer;
  readonly harbour: Checkout;
  /** What `plimsoll init` makes of a repository that has only a Dockerfile; by file name. */
  readonly written: Readonly<Record<string, string>>;
  readonly #repositories: LocalRepositories;
  readonly #loopback: Readonly<Record<string, string>>;
  #started = 0;

  static async open(): Promise<TemplateRuns> {
    const world = await startWorld({ tools: ['trivy', 'osv-scanner', 'crane', 'act'] });
    const consumer = await Consumer.of(world);
    const databases = await world.databases.publish(DEMO_ADVISORIES);
    const loopback = {
      build_args: `BASE=${await world.images.base()}`,
      sbom_generator: await world.images.sbomGenerator(),
      trivy_db: databases.trivyDb,
      osv_db: databases.osvDb,
      signing_config: world.sigstore.signingConfig,
      trusted_root: world.sigstore.trustedRoot,
      certificate_oidc_issuer: world.sigstore.issuer,
    };
    const harbour = await checkoutHarbour(world.lifetime.folder('harbour'));
    await setOrigin(harbour.directory, 'https://github.com/acme/app.git');
    const written = await initialise(harbour.directory);
    const repositories = await loopbackSuite(world, Object.values(written));
    return new TemplateRuns({ world, consumer, harbour, written, repositories, loopback });
  }

  private constructor({ world, consumer, harbour, written, repositories, loopback }: Parts) {
    this.world = world;
    this.consumer = consumer;
    this.harbour = harbour;
    this.written = written;
    this.#repositories = repositories;
    this.#loopback = loopback;
  }

  get image(): string {
    return `${this.world.ghcr.host}/acme/app`;
  }

  trust(signer = 'reusable_pipeline.yml'): Trust {
    const { issuer, trustedRoot } = this.world.sigstore;
    return { identity: `https://github.com/${sharedAt(signer)}`, issuer, trustedRoot };
  }

  /** What was asked of the registry since, beyond reading. */
  writes(since: number): readonly string[] {
    const asked = this.world.ghcr.front.requests.slice(since);
    return asked.filter(({ method }) => !['GET', 'HEAD'].includes(method)).map(({ path: at }) => at);
  }

  async start({ template, event, payload, checkout = this.harbour, signer }: StartedTemplate): Promise<ActRun> {
    const { world } = this;
    const { commit: sha, directory } = checkout;
    const workflow = path.join('.github/workflows', template);
    const shared = sharedAt(signer ?? 'reusable_pipeline.yml');
    world.github.oidc.setClaims({ sha, workflow_sha: sha, job_workflow_ref: shared });
    await setOrigin(directory, 'https://github.com/acme/app.git');
    await mkdir(path.join(directory, '.github/workflows'), { recursive: true });
    await writeFile(path.join(directory, workflow), this.#onLoopback(this.written[template] ?? ''));
    this.#started += 1;
    return runAct({
      act: world.tools.act ?? 'act',
      repository: directory,
      scratch: world.lifetime.folder('act', String(this.#started)),
      event,
      payload,
      workflow,
      repositories: this.#repositories,
      env: world.env,
      secrets: { GITHUB_TOKEN: world.token, QUAY_USERNAME: world.quay.username, QUAY_PASSWORD: world.quay.password },
    });
  }

  /** What an organisation with its own registries and Sigstore adds under `with:`; everything else is the template. */
  #onLoopback(text: string): string {
    const { world } = this;
    const local = text.replaceAll('ghcr.io', world.ghcr.host).replaceAll('quay.io', world.quay.host);
    const template = parse(local) as Template;
    for (const job of Object.values(template.jobs)) {
      if (job.with?.['image'] !== undefined || job.with?.['image-name'] !== undefined) {
        job.with = { ...job.with, ...this.#extrasFor(job.uses ?? ''), ...oneLeg(job.uses ?? '') };
      }
      for (const step of job.steps ?? []) step.with = { ...step.with, ...this.#extrasFor(step.uses ?? '') };
    }
    return stringify(template);
  }

  /** Those of the values that the action or workflow has an input for, in its own spelling. */
  #extrasFor(uses: string): Record<string, string> {
    const declared = declaredBy(uses) ?? {};
    const entries = Object.entries(this.#loopback).flatMap(([name, value]) => [
      [name, value] as const,
      [name.replaceAll('_', '-'), value] as const,
    ]);
    // A build that does not scan refuses what is about a scan.
    const idle = uses.includes('/actions/build@') ? ['trivy-db', 'osv-db'] : [];
    return Object.fromEntries(entries.filter(([name]) => name in declared && !idle.includes(name)));
  }
}

/** act keeps the outputs of a matrix's last leg only, where GitHub keeps those that are not empty: one leg, then. */
function oneLeg(uses: string): Record<string, string> {
  return uses.includes('release-docker.yml') ? { platforms: 'linux/amd64' } : {};
}

const sharedAt = (workflow: string) => `plimsoll-ci/plimsoll/.github/workflows/${workflow}@refs/tags/v1`;

async function initialise(directory: string): Promise<Record<string, string>> {
  const program = path.join(suite, 'packages/cli/bin/plimsoll.mjs');
  await promisify(execFile)(process.execPath, [program, 'init', ...EXTRAS], { cwd: directory });
  const workflows = path.join(directory, '.github/workflows');
  const files = [path.join(directory, '.github/plimsoll.yml')].concat(
    (await readdir(workflows)).map((file) => path.join(workflows, file)),
  );
  const read = files.map(async (file) => [path.basename(file), await readFile(file, 'utf8')] as const);
  return Object.fromEntries(await Promise.all(read));
}

export const pushOf = ({ commit: sha, committedAt }: Checkout) =>
  pushEvent({ sha, timestamp: new Date(committedAt * 1000).toISOString() });

export const dispatch = (inputs: Readonly<Record<string, string>>) => ({
  inputs,
  ref: 'refs/heads/main',
  repository: repositoryPayload(),
});
