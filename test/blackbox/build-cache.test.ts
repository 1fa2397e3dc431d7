import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import { noCredentials } from '@plimsoll/core/oci/auth/credentials';
import { FaultBoard } from '@plimsoll/testkit/faults/fault-board';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Variables = Readonly<Record<string, string>>;

/** As the runner makes them, without a signature that anybody checks here. */
function runtimeToken(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const ac = JSON.stringify([{ Scope: 'refs/heads/main', Permission: 3 }]);
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ ac, exp: 4_102_444_800 })}.c2ln`;
}

/** A runner whose cache service does not answer. */
const SERVICE: Variables = {
  ACTIONS_RUNTIME_TOKEN: runtimeToken(),
  ACTIONS_RESULTS_URL: 'http://127.0.0.1:1/',
  ACTIONS_CACHE_SERVICE_V2: 'true',
};

/** What BuildKit says of a step whose result it found in a cache. */
const COPIED_BEFORE = / COPY .*\n#\d+ CACHED/;

let world: World;
let second: string;
let sbomGenerator: string;

beforeAll(async () => {
  world = await startWorld({ parts: ['ghcr', 'hub', 'buildkit'] });
  [sbomGenerator, second] = await Promise.all([world.images.sbomGenerator(), world.buildkit.another('second')]);
});
afterAll(() => world.close());

function build(name: string, inputs: Variables, env: Variables = {}): Promise<ActionRun> {
  const cwd = world.lifetime.folder('workspaces', name);
  writeFileSync(
    path.join(cwd, 'Dockerfile'),
    'FROM scratch AS made\nCOPY hello /a\nFROM scratch\nCOPY --from=made /a /b\n',
  );
  writeFileSync(path.join(cwd, 'hello'), `hello ${name}\n`);
  const given = { image: `${world.hub.host}/acme/${name}`, 'sbom-generator': sbomGenerator, ...inputs };
  return runAction({ action: 'build', world, cwd, inputs: given, env });
}

function ended(step: ActionRun): string {
  expect(codeOf(step), step.log).toBeUndefined();
  return step.log;
}

describe.each(['local', 'registry'])('a %s cache', (cache) => {
  it('that one builder filled serves another, with every stage', async () => {
    expect(ended(await build(cache, { cache }))).not.toMatch(COPIED_BEFORE);
    const log = ended(await build(cache, { cache, 'builder-endpoint': second }, { BUILDX_BUILDER: '' }));
    expect(log).toContain('importing cache manifest');
    expect(log).toMatch(COPIED_BEFORE);
  });
});

it('a registry cache lies beside the image and leaves its repository without a tag', async () => {
  const registries = new Registries({ credentials: noCredentials });
  const at = (repository: string) => registries.repository({ registry: world.hub.host, repository });
  expect(await at('acme/registry-cache').tags()).toEqual([expect.stringMatching(/^main-[0-9a-f]{8}$/)]);
  await expect(at('acme/registry').tags()).resolves.toEqual([]);
});

it('a cache that gives out halfway is done without', async () => {
  const { host, username, front } = world.ghcr;
  const image = `${host}/acme/halfway`;
  const folder = world.lifetime.folder('docker');
  const auth = Buffer.from(`${username}:${world.token}`).toString('base64');
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
  const env = { DOCKER_CONFIG: folder };
  ended(await build('halfway', { cache: 'registry', image }, env));
  let asked = 0;
  // What the cache holds can be read, and its layers cannot.
  new FaultBoard(front).set('acme/halfway-cache', ({ method, path: place }) =>
    method === 'GET' && /\/blobs\//.test(place) && (asked += 1) > 1 ? { status: 429, body: '{}' } : undefined,
  );
  const elsewhere = { 'builder-endpoint': second };
  const step = await build('halfway', { cache: 'registry', image, ...elsewhere }, { ...env, BUILDX_BUILDER: '' });
  expect(ended(step)).toContain('importing cache manifest');
  expect(asked).toBeGreaterThan(1);
  const warnings = step.annotations.filter(({ level }) => level === 'warning').map(({ message }) => message);
  expect(warnings).toEqual([expect.stringContaining(host)]);
});

it('several builders write a cache each, and not one over the other', async () => {
  const endpoints = `${world.buildkit.endpoint} platforms=linux/amd64\n${second} platforms=linux/arm64`;
  const inputs = { cache: 'registry', platforms: 'linux/amd64,linux/arm64', 'builder-endpoint': endpoints };
  ended(await build('spread', inputs, { BUILDX_BUILDER: '' }));
  const registries = new Registries({ credentials: noCredentials });
  const cache = registries.repository({ registry: world.hub.host, repository: 'acme/spread-cache' });
  expect((await cache.tags()).toSorted()).toEqual([
    expect.stringMatching(/^linux-amd64-main-[0-9a-f]{8}$/),
    expect.stringMatching(/^linux-arm64-main-[0-9a-f]{8}$/),
  ]);
});

it("GitHub's cache is asked for where its service is, and the build goes on when that cannot even be set up", async () => {
  const step = await build('github', {}, SERVICE);
  expect(ended(step)).toContain('failed to configure gha cache');
  expect(step.annotations).toMatchObject([{ level: 'warning' }]);
  const off = await build('github', { cache: 'off' }, SERVICE);
  ended(off);
  expect(off.annotations).toEqual([]);
});

it('a list of caches stands for itself, and cannot be mixed with a kind', async () => {
  const inputs = { 'cache-from': 'type=local,src=/nowhere', cache: 'gha' };
  expect(codeOf(await build('mixed', inputs))).toBe('input-conflict');
});

it('a token that is none of a cache service stands for no service', async () => {
  const step = await build('odd', {}, { ...SERVICE, ACTIONS_RUNTIME_TOKEN: 'token' });
  expect(codeOf(step), step.log).toBeUndefined();
  expect(step.annotations).toEqual([]);
});
