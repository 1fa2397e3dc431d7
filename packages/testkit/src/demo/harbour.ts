import { readFileSync } from 'node:fs';
import { type ActionRun, runAction } from '../runner/run-action.ts';
import type { PublishedDatabases } from '../world/databases/databases.ts';
import { DEFAULT_IDENTITY, DEFAULT_SUBJECT, pushEvent } from '../world/identity.ts';
import type { World } from '../world/world.ts';
import type { Account } from './account.ts';
import { DEMO_ADVISORIES } from './advisories.ts';
import type { Checkout } from './fixture.ts';
import type { Trust } from './proof.ts';

/** The demo's policy: one image of the branch is kept, so that there is something to prune. */
const POLICY = `scan:
  severity: [HIGH, CRITICAL]
retention:
  channels:
    - name: dev
      match: ["main", "sha-*"]
      keep: { last: 1 }
  untagged: { delete-after: 1s }
  protect: { history: { keep: 0 } }
  guards: { max-percent: 75 }
`;

interface HarbourOptions {
  readonly world: World;
  readonly account: Account;
  readonly databases: PublishedDatabases;
  readonly base: string;
  readonly sbomGenerator: string;
}

/** The demo's repository and its workflow: it runs the bundles in `dist/` as the Actions runner would. */
export class Harbour {
  readonly #options: HarbourOptions;
  readonly #summaries: string[] = [];
  readonly #pages: string[] = [];

  private constructor(options: HarbourOptions) {
    this.#options = options;
  }

  static async open(world: World, account: Account): Promise<Harbour> {
    const [databases, base, sbomGenerator] = await Promise.all([
      world.databases.publish(DEMO_ADVISORIES),
      world.images.base(),
      world.images.sbomGenerator(),
    ]);
    world.github.setFile(DEFAULT_IDENTITY.repository, '.github/plimsoll.yml', POLICY);
    return new Harbour({ world, account, databases, base, sbomGenerator });
  }

  /** What the consumers of its images trust. */
  get trust(): Trust {
    const { issuer, trustedRoot } = this.#options.world.sigstore;
    return { identity: DEFAULT_SUBJECT, issuer, trustedRoot };
  }

  /** What the runs wrote for people without access to them, in their order, as HTML. */
  get pages(): readonly string[] {
    return this.#pages;
  }

  /** Every job summary so far, as Markdown. */
  get summary(): string {
    return this.#summaries.join('\n\n---\n\n');
  }

  /** A push of this commit to `main`: the root action builds, scans, publishes, signs, verifies and tags. */
  push(image: string, checkout: Checkout): Promise<ActionRun> {
    const { databases, base, sbomGenerator } = this.#options;
    return this.#run('pipeline', checkout, {
      image,
      platforms: 'linux/amd64,linux/arm64',
      'build-args': `BASE=${base}`,
      'sbom-generator': sbomGenerator,
      'trivy-db': databases.trivyDb,
      'osv-db': databases.osvDb,
      'smoke-test': '-check',
      report: 'html',
      ...this.#sigstore,
    });
  }

  promote(inputs: Readonly<Record<string, string>>, checkout: Checkout): Promise<ActionRun> {
    const { username, password } = this.#options.world.quay;
    const login = { 'dest-username': username, 'dest-password': password };
    const { 'signing-config': _unused, ...trust } = this.#sigstore;
    return this.#run('promote', checkout, { ...inputs, ...login, ...trust });
  }

  prune(inputs: Readonly<Record<string, string>>, checkout: Checkout): Promise<ActionRun> {
    return this.#run('prune', checkout, inputs);
  }

  get #sigstore() {
    const { issuer, signingConfig, trustedRoot } = this.#options.world.sigstore;
    return { 'signing-config': signingConfig, 'trusted-root': trustedRoot, 'certificate-oidc-issuer': issuer };
  }

  async #run(action: string, checkout: Checkout, inputs: Readonly<Record<string, string>>): Promise<ActionRun> {
    const { world, account } = this.#options;
    const { commit: sha, committedAt, directory: cwd } = checkout;
    world.github.oidc.setClaims({ sha, workflow_sha: sha, job_workflow_sha: sha });
    const event = pushEvent({ sha, timestamp: new Date(committedAt * 1000).toISOString() });
    const run = await runAction({
      action,
      inputs,
      world,
      event,
      cwd,
      env: { GITHUB_SHA: sha },
      onOutput: account.follow(),
    });
    this.#summaries.push(run.summary);
    if (run.outputs['report-html'] !== undefined) this.#pages.push(readFileSync(run.outputs['report-html'], 'utf8'));
    return run;
  }
}
