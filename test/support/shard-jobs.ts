import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { FaultBoard } from '@plimsoll/testkit/faults/fault-board';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { alpineTree, SCAN_ADVISORIES } from '@plimsoll/testkit/scan/subjects';
import type { PublishedDatabases } from '@plimsoll/testkit/world/databases/databases';
import { pushEvent } from '@plimsoll/testkit/world/identity';
import { startWorld, type World } from '@plimsoll/testkit/world/world';

export type Variables = Readonly<Record<string, string>>;

export const AMD64 = 'linux/amd64';
export const ARM64 = 'linux/arm64';
export const BOTH = `${AMD64},${ARM64}`;

export interface ShardJob {
  /** Of the image and of the checkout. */
  readonly name: string;
  readonly inputs: Variables;
  readonly env?: Variables;
  readonly event?: ReturnType<typeof pushEvent>;
  /** The root action unless given. */
  readonly action?: 'pipeline' | 'build';
}

/** The root action in one job of several, on one checkout, with a builder here and one in another place. */
export class ShardJobs {
  readonly world: World;
  readonly registry: FaultBoard;
  readonly #databases: PublishedDatabases;
  readonly #sbomGenerator: string;

  static async start(): Promise<ShardJobs> {
    const world = await startWorld({
      parts: ['sigstore', 'ghcr', 'hub', 'buildkit'],
      tools: ['trivy', 'osv-scanner'],
    });
    const given = await Promise.all([
      world.databases.publish(SCAN_ADVISORIES),
      world.images.sbomGenerator(),
      secondBuilder(world),
    ]);
    return new ShardJobs(world, given[0], given[1]);
  }

  private constructor(world: World, databases: PublishedDatabases, sbomGenerator: string) {
    this.world = world;
    this.registry = new FaultBoard(world.ghcr.front);
    this.#databases = databases;
    this.#sbomGenerator = sbomGenerator;
  }

  /** @param change to the job: another builder, commit or version of what is in the image */
  shard(name: string, platforms: string, change: { env?: Variables; musl?: string } = {}): Promise<ActionRun> {
    const { env = {}, musl } = change;
    return this.run({ name, inputs: { mode: 'shard', platforms }, env }, musl);
  }

  merge(name: string, shards: Variables): Promise<ActionRun> {
    return this.run({ name, inputs: { mode: 'merge', platforms: BOTH, shards: JSON.stringify(shards) } });
  }

  run(
    { name, inputs, env = {}, event = pushEvent(), action = 'pipeline' }: ShardJob,
    musl = '1.2.5-r5',
  ): Promise<ActionRun> {
    const { world } = this;
    const cwd = world.lifetime.folder('workspaces', name);
    for (const [file, content] of Object.entries(alpineTree(musl))) {
      mkdirSync(path.join(cwd, 'root', path.dirname(file)), { recursive: true });
      writeFileSync(path.join(cwd, 'root', file), content);
    }
    writeFileSync(path.join(cwd, 'Dockerfile'), 'FROM scratch\nCOPY root /\nUSER 1000\n');
    const { issuer, signingConfig, trustedRoot } = world.sigstore;
    const given = {
      image: `${world.ghcr.host}/acme/${name}`,
      tags: 'main',
      ...(inputs['mode'] === 'merge' ? {} : { 'sbom-generator': this.#sbomGenerator }),
      'trivy-db': this.#databases.trivyDb,
      'osv-db': this.#databases.osvDb,
      ...(action === 'pipeline' ? { 'signing-config': signingConfig } : {}),
      'trusted-root': trustedRoot,
      'certificate-oidc-issuer': issuer,
      ...inputs,
    };
    return runAction({ action, world, cwd, inputs: given, env, event });
  }
}

/** Of the environment of a job on another runner, with a builder of its own. */
export const ELSEWHERE: Variables = { BUILDX_BUILDER: 'second' };

async function secondBuilder(world: World): Promise<void> {
  const endpoint = await world.buildkit.another('second');
  const env = { PATH: process.env['PATH'] ?? '', HOME: world.directory, ...world.buildkit.env };
  execFileSync(world.tools.buildx ?? '', ['create', '--name', 'second', '--driver', 'remote', endpoint], { env });
}
