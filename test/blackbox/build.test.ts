import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { FaultBoard } from '@plimsoll/testkit/faults/fault-board';
import { leaksOf, secretForms } from '@plimsoll/testkit/runner/leaks';
import { type ActionRequest, type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { pushEvent, repositoryPayload } from '@plimsoll/testkit/world/identity';
import { serveLocally } from '@plimsoll/testkit/world/local-server';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let world: World;
let registry: FaultBoard;
let sbomGenerator: string;

beforeAll(async () => {
  world = await startWorld({ parts: ['ghcr', 'hub', 'buildkit'] });
  registry = new FaultBoard(world.ghcr.front);
  sbomGenerator = await world.images.sbomGenerator();
});
afterAll(() => world.close());

/** The build action on a Dockerfile, in a workspace of its own. */
function build(name: string, dockerfile: string, more: Partial<ActionRequest> = {}): Promise<ActionRun> {
  const cwd = world.lifetime.folder('workspaces', name);
  writeFileSync(path.join(cwd, 'Dockerfile'), dockerfile);
  writeFileSync(path.join(cwd, 'hello'), 'hello\n');
  const inputs = { image: `${world.ghcr.host}/acme/${name}`, 'sbom-generator': sbomGenerator, ...more.inputs };
  return runAction({ action: 'build', world, cwd, ...more, inputs });
}

/** The step failed with this code before it wrote anything to the registry. */
function expectFailed(step: ActionRun, name: string, code: string): void {
  expect(codeOf(step), step.log).toBe(code);
  expect(step.outputs['digest'] ?? '').toBe('');
  expect(registry.writes(`acme/${name}`)).toEqual([]);
  expect(leaksOf(step, secretForms(world.ghcr.username, world.token))).toEqual([]);
}

const HELLO = 'FROM scratch\nCOPY hello /hello\n';

describe('an image', () => {
  it('is a layout with one root, and nothing leaves the machine', async () => {
    const step = await build('plain', HELLO, { inputs: { platforms: 'linux/amd64,linux/arm64' } });
    expect(codeOf(step), step.log).toBeUndefined();
    const { digest = '', layout = '' } = step.outputs;
    expect(step.outputs).toMatchObject({ pushed: 'false', image: `${world.ghcr.host}/acme/plain@${digest}` });
    expect(Object.keys(JSON.parse(step.outputs['platform-digests'] ?? '{}') as object)).toEqual([
      'linux/amd64',
      'linux/arm64',
    ]);
    const index = JSON.parse(readFileSync(path.join(layout, 'index.json'), 'utf8')) as { manifests: object[] };
    expect(index.manifests).toMatchObject([{ digest }]);
    expect(registry.requests('acme/plain')).toEqual([]);
  });

  it('of one platform may have neither attestations nor an index, whatever its labels say', async () => {
    const off = { provenance: 'off', sbom: 'false', 'sbom-generator': '' };
    const labels = { title: 'Mine', description: 'a, b' };
    const given = Object.entries(labels).map(([key, value]) => `"org.opencontainers.image.${key}=${value}"`);
    const step = await build('bare', HELLO, { inputs: { ...off, labels: given.join('\n') } });
    expect(codeOf(step), step.log).toBeUndefined();
    const { digest = '', layout = '' } = step.outputs;
    const blob = (name: string) => readFileSync(path.join(layout, 'blobs', name.replace(':', '/')), 'utf8');
    const { config } = JSON.parse(blob(digest)) as { config: { digest: string } };
    expect(JSON.parse(blob(config.digest))).toMatchObject({
      config: { Labels: { 'org.opencontainers.image.title': 'Mine', 'org.opencontainers.image.description': 'a, b' } },
    });
  });

  it('goes up by digest when it is to be pushed, with no tag', async () => {
    const step = await build('pushed', HELLO, { inputs: { push: 'true' } });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(registry.manifests('acme/pushed')).toContain(step.outputs['digest']);
    expect(registry.tagWrites('acme/pushed')).toEqual([]);
    expect(leaksOf(step, secretForms(world.ghcr.username, world.token))).toEqual([]);
  });

  it('of a pull request from a fork is built and stays here', async () => {
    const event = { ...pushEvent(), pull_request: { number: 7, head: { repo: repositoryPayload('stranger/app') } } };
    const env = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/7/merge' };
    const step = await build('fork', HELLO, { event, env });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(step.outputs['pushed']).toBe('false');
    expect(registry.requests('acme/fork')).toEqual([]);
  });
});

describe('a Dockerfile that does not build', () => {
  it.each([
    ['a file that is not there', 'FROM scratch\n\nCOPY missing /missing\n', 3],
    ['an instruction that does not exist', 'FROM scratch\nCOPPY hello /hello\n', 2],
    ['a base image that does not exist', 'FROM HUB/library/nothing:1\nCOPY hello /hello\n', 1],
  ])('is named with the line of %s', async (name, dockerfile, line) => {
    const id = `bad-${name.split(' ')[1]}-${line}`;
    const step = await build(id, dockerfile.replace('HUB', world.hub.host), { inputs: { push: 'true' } });
    expectFailed(step, id, 'build-failed');
    const error = step.annotations.find(({ level }) => level === 'error');
    expect(error).toMatchObject({ file: 'Dockerfile', line });
    expect(error?.message).toContain(`Dockerfile:${line}`);
  });

  it('is not mistaken for a builder that is not there', async () => {
    const step = await build('no-builder', HELLO, { env: { BUILDX_BUILDER: 'nobody' } });
    expectFailed(step, 'no-builder', 'builder-missing');
  });
});

describe('a disk', () => {
  it('that is full while the layout is written', async ({ skip }) => {
    const small = world.lifetime.folder('small');
    skip(!mountSmallDisk(small), 'mounting a small disk needs root on Linux');
    try {
      const cwd = world.lifetime.folder('workspaces', 'disk');
      writeFileSync(path.join(cwd, 'noise'), noise(2 * 1024 * 1024));
      const env = { RUNNER_TEMP: small };
      const step = await build('disk', 'FROM scratch\nCOPY noise /noise\n', { inputs: { push: 'true' }, env });
      expectFailed(step, 'disk', 'disk-full');
    } finally {
      execFileSync('umount', [small]);
    }
  });
});

describe('a cancelled build', () => {
  it('ends within seven seconds, as cancelled, and leaves nothing', async () => {
    const cancel = new AbortController();
    let cancelledAt = 0;
    // A file that never comes: the build is surely under way once it is asked for.
    const { url } = await serveLocally(world.lifetime, () => {
      cancelledAt = performance.now();
      cancel.abort();
    });
    const dockerfile = `FROM scratch\nADD ${url}/never /never\n`;
    const step = await build('cancelled', dockerfile, { inputs: { push: 'true' }, signal: cancel.signal });
    expect(performance.now() - cancelledAt).toBeLessThan(7_000);
    expectFailed(step, 'cancelled', 'cancelled');
    expect(readdirSync(step.temp).filter((entry) => entry.startsWith('plimsoll-buildx-'))).toEqual([]);
  });
});

/** @returns false where this user may not */
function mountSmallDisk(directory: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', directory], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Bytes that no compression makes smaller, the same each time. */
function noise(length: number): Buffer {
  let state = 1;
  return Buffer.from(Array.from({ length }, () => (state = (state * 48_271) % 2_147_483_647) & 0xff));
}
