import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { FaultBoard } from '@plimsoll/testkit/faults/fault-board';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { alpineTree, SCAN_ADVISORIES } from '@plimsoll/testkit/scan/subjects';
import type { PublishedDatabases } from '@plimsoll/testkit/world/databases/databases';
import { DEFAULT_IDENTITY, pushEvent, repositoryPayload } from '@plimsoll/testkit/world/identity';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Variables = Readonly<Record<string, string>>;

const AMD64 = 'linux/amd64';
const ARM64 = 'linux/arm64';
const BOTH = `${AMD64},${ARM64}`;

let world: World;
let registry: FaultBoard;
let databases: PublishedDatabases;
let sbomGenerator: string;
/** A builder in another place, as another runner has. */
let elsewhere: Variables;

beforeAll(async () => {
  world = await startWorld({ parts: ['sigstore', 'ghcr', 'hub', 'buildkit'], tools: ['trivy', 'osv-scanner'] });
  registry = new FaultBoard(world.ghcr.front);
  [databases, sbomGenerator, elsewhere] = await Promise.all([
    world.databases.publish(SCAN_ADVISORIES),
    world.images.sbomGenerator(),
    secondBuilder(),
  ]);
});
afterAll(() => world.close());

async function secondBuilder(): Promise<Variables> {
  const endpoint = await world.buildkit.another('second');
  const env = { PATH: process.env['PATH'] ?? '', HOME: world.directory, ...world.buildkit.env };
  execFileSync(world.tools.buildx ?? '', ['create', '--name', 'second', '--driver', 'remote', endpoint], { env });
  return { BUILDX_BUILDER: 'second' };
}

/** The root action in one job of several, on one checkout. */
function job(name: string, inputs: Variables, env: Variables = {}, event = pushEvent()): Promise<ActionRun> {
  const cwd = world.lifetime.folder('workspaces', name);
  for (const [file, content] of Object.entries(alpineTree('1.2.5-r5'))) {
    mkdirSync(path.join(cwd, 'root', path.dirname(file)), { recursive: true });
    writeFileSync(path.join(cwd, 'root', file), content);
  }
  writeFileSync(path.join(cwd, 'Dockerfile'), 'FROM scratch\nCOPY root /\nUSER 1000\n');
  const { issuer, signingConfig, trustedRoot } = world.sigstore;
  const given = {
    image: `${world.ghcr.host}/acme/${name}`,
    tags: 'main',
    'sbom-generator': sbomGenerator,
    'trivy-db': databases.trivyDb,
    'osv-db': databases.osvDb,
    'signing-config': signingConfig,
    'trusted-root': trustedRoot,
    'certificate-oidc-issuer': issuer,
    ...inputs,
  };
  return runAction({ action: 'pipeline', world, cwd, inputs: given, env, event });
}

const shard = (name: string, platforms: string, env: Variables = {}) => job(name, { mode: 'shard', platforms }, env);
const merge = (name: string, shards: Variables, env: Variables = {}) =>
  job(name, { mode: 'merge', platforms: BOTH, shards: JSON.stringify(shards) }, env);

function ended(step: ActionRun): ActionRun {
  expect(codeOf(step), step.log).toBeUndefined();
  return step;
}

describe('an image whose platforms are built on two builders', () => {
  it('is scanned in parts, uploaded without a tag, then merged, signed and tagged as one', async () => {
    const amd64 = ended(await shard('apart', AMD64));
    const arm64 = ended(await shard('apart', ARM64, elsewhere));
    for (const { outputs } of [amd64, arm64])
      expect(outputs).toMatchObject({ outcome: 'pass', pushed: 'true', tags: '' });
    expect(registry.tagWrites('acme/apart')).toEqual([]);
    const shards = { amd64: amd64.outputs['digest'] ?? '', arm64: arm64.outputs['digest'] ?? '' };
    const merged = ended(await merge('apart', shards));
    const commitTag = `sha-${DEFAULT_IDENTITY.sha}`;
    expect(merged.outputs).toMatchObject({ outcome: 'pass', pushed: 'true', tags: `${commitTag}\nmain` });
    expect(Object.keys(JSON.parse(merged.outputs['platform-digests'] ?? '') as object)).toEqual([AMD64, ARM64]);
    expect(Object.keys(JSON.parse(merged.outputs['sboms'] ?? '') as object)).toEqual([AMD64, ARM64]);
    // Once it has its tag, every job of a repeated run takes it.
    const again = ended(await shard('apart', AMD64));
    expect(again.outputs).toMatchObject({ resumed: 'true', pushed: 'true' });
    expect(again.outputs['digest'] ?? '').toBe('');
    expect(ended(await merge('apart', { amd64: '' })).outputs['digest']).toBe(merged.outputs['digest']);
  });

  it('is not merged from half of them', async () => {
    const amd64 = ended(await shard('half', AMD64));
    const step = await merge('half', { amd64: amd64.outputs['digest'] ?? '', arm64: '' });
    expect(codeOf(step)).toBe('shard-missing');
    expect(registry.tagWrites('acme/half')).toEqual([]);
  });

  it('is not merged from two commits', async () => {
    const amd64 = ended(await shard('mixed', AMD64));
    const other = { GITHUB_SHA: 'd'.repeat(40), ...world.sigstore.claims({ sha: 'd'.repeat(40) }) };
    const arm64 = ended(await shard('mixed', ARM64, other));
    const shards = { amd64: amd64.outputs['digest'] ?? '', arm64: arm64.outputs['digest'] ?? '' };
    expect(codeOf(await merge('mixed', shards))).toBe('shard-mismatch');
    expect(registry.tagWrites('acme/mixed')).toEqual([]);
  });

  it('of a pull request is built and scanned, and the merge has nothing to do', async () => {
    const head = { repo: repositoryPayload('stranger/app') };
    const event = { ...pushEvent(), pull_request: { number: 7, head } };
    const env = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/7/merge' };
    const built = ended(await job('request', { mode: 'shard', platforms: AMD64 }, env, event));
    expect(built.outputs).toMatchObject({ outcome: 'pass', pushed: 'false' });
    const merged = ended(await job('request', { mode: 'merge', platforms: BOTH, shards: '{"amd64": ""}' }, env, event));
    expect(merged.outputs['pushed']).toBe('false');
    expect(registry.requests('acme/request')).toEqual([]);
  });
});

describe('a dry run', () => {
  it('says which runner builds which platform', async () => {
    const inputs = { platforms: `${BOTH},linux/s390x`, runners: 'linux/s390x=zlinux', 'dry-run': 'true' };
    const step = ended(await job('planned', inputs));
    const matrix = JSON.parse(step.outputs['matrix'] ?? '') as { include: object[] };
    expect(matrix.include).toEqual([
      { platform: AMD64, runner: 'ubuntu-24.04', name: 'linux-amd64' },
      { platform: ARM64, runner: 'ubuntu-24.04-arm', name: 'linux-arm64' },
      { platform: 'linux/s390x', runner: 'zlinux', name: 'linux-s390x' },
    ]);
    expect(JSON.parse(step.outputs['plan'] ?? '')).toMatchObject({ matrix });
  });
});
