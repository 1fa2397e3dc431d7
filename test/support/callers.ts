import { cp } from 'node:fs/promises';
import path from 'node:path';
import { DEMO_ADVISORIES } from '@plimsoll/testkit/demo/advisories';
import { type Checkout, checkoutHarbour, setOrigin } from '@plimsoll/testkit/demo/fixture';
import { Consumer, type Trust } from '@plimsoll/testkit/demo/proof';
import { type ActRun, runAct } from '@plimsoll/testkit/runner/act';
import { type LocalRepositories, loopbackSuite } from '@plimsoll/testkit/runner/loopback-suite';
import { pushEvent } from '@plimsoll/testkit/world/identity';
import { startWorld, type World } from '@plimsoll/testkit/world/world';

/** Callers that were written for others' reusable workflows, with the `uses:` line changed. */
const workflows = path.join(import.meta.dirname, '../e2e/workflows');
export const PROTECTED: Readonly<Record<string, string>> = { GITHUB_REF_PROTECTED: 'true' };

export interface StartedCaller {
  readonly workflow: string;
  readonly event?: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly checkout?: Checkout;
  readonly env?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
}

/** A repository that calls reusable workflows of the suite, run by act on loopback. */
export class Callers {
  readonly world: World;
  readonly consumer: Consumer;
  readonly harbour: Checkout;
  readonly #repositories: LocalRepositories;
  readonly #variables: Readonly<Record<string, string>>;
  /** The reusable workflow that signs, as the token of its job names it. */
  readonly #shared: string;
  #started = 0;

  static async open(workflow: string): Promise<Callers> {
    const world = await startWorld({ tools: ['trivy', 'osv-scanner', 'crane', 'act'] });
    const databases = await world.databases.publish(DEMO_ADVISORIES);
    const variables = {
      BASE: await world.images.base(),
      SBOM_GENERATOR: await world.images.sbomGenerator(),
      TRIVY_DB: databases.trivyDb,
      OSV_DB: databases.osvDb,
      SIGNING_CONFIG: world.sigstore.signingConfig,
      TRUSTED_ROOT: world.sigstore.trustedRoot,
      ISSUER: world.sigstore.issuer,
      SOURCE_REGISTRY: world.ghcr.host,
      DEST_REGISTRY: world.quay.host,
    };
    return new Callers({
      world,
      consumer: await Consumer.of(world),
      harbour: await checkoutHarbour(world.lifetime.folder('harbour')),
      repositories: await loopbackSuite(world),
      variables,
      workflow,
    });
  }

  private constructor(parts: {
    readonly world: World;
    readonly consumer: Consumer;
    readonly harbour: Checkout;
    readonly repositories: LocalRepositories;
    readonly variables: Readonly<Record<string, string>>;
    readonly workflow: string;
  }) {
    this.world = parts.world;
    this.consumer = parts.consumer;
    this.harbour = parts.harbour;
    this.#repositories = parts.repositories;
    this.#variables = parts.variables;
    this.#shared = `plimsoll-ci/plimsoll/.github/workflows/${parts.workflow}@refs/tags/v1`;
  }

  get image(): string {
    return `${this.world.ghcr.host}/acme/app`;
  }

  get trust(): Trust {
    const { issuer, trustedRoot } = this.world.sigstore;
    return { identity: `https://github.com/${this.#shared}`, issuer, trustedRoot };
  }

  /** Without the tags that referrers are found by. */
  async named(): Promise<readonly string[]> {
    return (await this.consumer.tags(this.image)).filter((tag) => !tag.startsWith('sha256-'));
  }

  /** What was asked of the registry since, beyond reading. */
  writes(since: number): readonly string[] {
    const asked = this.world.ghcr.front.requests.slice(since);
    return asked.filter(({ method }) => !['GET', 'HEAD'].includes(method)).map(({ path: at }) => at);
  }

  async start(started: StartedCaller): Promise<ActRun> {
    const { world } = this;
    const { workflow, event = 'push', payload, checkout = this.harbour, env = PROTECTED, variables = {} } = started;
    const { commit: sha, committedAt, directory } = checkout;
    world.github.oidc.setClaims({ sha, workflow_sha: sha, job_workflow_ref: this.#shared });
    await setOrigin(directory, 'https://github.com/acme/app.git');
    await cp(path.join(workflows, workflow), path.join(directory, '.github/workflows', workflow), { recursive: true });
    this.#started += 1;
    return runAct({
      act: world.tools.act ?? 'act',
      repository: directory,
      scratch: world.lifetime.folder('act', String(this.#started)),
      event,
      payload: payload ?? pushEvent({ sha, timestamp: new Date(committedAt * 1000).toISOString() }),
      workflow: path.join('.github/workflows', workflow),
      repositories: this.#repositories,
      env: { ...world.env, ...env },
      variables: { ...this.#variables, REF_PROTECTED: env['GITHUB_REF_PROTECTED'] ?? '', ...variables },
      secrets: { GITHUB_TOKEN: world.token, QUAY_USERNAME: world.quay.username, QUAY_PASSWORD: world.quay.password },
    });
  }
}
