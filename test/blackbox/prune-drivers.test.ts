import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { listCredentials, noCredentials } from '@plimsoll/core/oci/auth/credentials';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import { createHttp } from '@plimsoll/core/runtime/http';
import { DatedImages } from '@plimsoll/testkit/registry/dated-image';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { distributionOnPort } from '@plimsoll/testkit/world/registry/distribution';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const POLICY = `
retention:
  channels:
    - { name: dev, match: [dev-*], keep: { last: 1 } }
  guards: { max-percent: 100 }
`;

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
const code = ({ annotations }: ActionRun) =>
  annotations.find(({ level }) => level === 'error')?.title?.replace('Plimsoll ', '');

let world: World;
beforeAll(async () => {
  world = await startWorld({ parts: ['github', 'quay'], tools: ['registry'] });
  world.github.setFile('acme/app', '.github/plimsoll.yml', POLICY);
});
afterAll(() => world.close());

/** Of every repository: a release, a new and an old image, and the note that a plan was shown. */
async function fleet(repository: Repository) {
  const images = new DatedImages(repository);
  await images.single({ seed: 'record', tags: ['plimsoll-prune'] });
  const release = await images.index({ seed: 'release', created: daysAgo(90), tags: ['v1.0.0', 'latest'] });
  const fresh = await images.index({ seed: 'fresh', created: daysAgo(1), tags: ['dev-2'] });
  const old = await images.index({ seed: 'old', created: daysAgo(20), tags: ['dev-1', 'dev-one'] });
  return { kept: [release, fresh].flatMap(({ index, children }) => [index, ...children]), old };
}

const tagsOf = async (repository: Repository) => (await repository.tags()).toSorted();
const KEPT = ['dev-2', 'latest', 'plimsoll-prune', 'v1.0.0'];
const EVERYTHING = ['dev-1', 'dev-one', ...KEPT].toSorted();

async function whole(repository: Repository, digests: readonly string[]): Promise<boolean> {
  const found = await Promise.all(digests.map((digest) => repository.look(digest)));
  return found.every((one) => one !== undefined);
}

function prune(inputs: Record<string, string>): Promise<ActionRun> {
  return runAction({ action: 'prune', inputs, world });
}

describe('a distribution registry', () => {
  let repository: Repository;
  let name: string;
  const start = async (deletes: boolean, at: string) => {
    const registry = await distributionOnPort(world.lifetime, world.tools.registry ?? '', { name: at, deletes });
    name = `${registry}/acme/app`;
    repository = new Registries({ credentials: noCredentials }).repository(
      { registry, repository: 'acme/app' },
      'delete',
    );
  };

  it('is planned, pruned and brought back by its journal', async () => {
    await start(true, 'deletes');
    const { kept, old } = await fleet(repository);
    const planned = await prune({ package: name });
    expect([planned.exitCode, code(planned), planned.outputs['planned']]).toEqual([0, undefined, '4']);
    expect(await tagsOf(repository)).toEqual(EVERYTHING);
    const run = await prune({ package: name, mode: 'apply', plan: planned.outputs['plan'] ?? '' });
    expect([run.exitCode, code(run), run.outputs['deleted']]).toEqual([0, undefined, '4']);
    expect([await tagsOf(repository), await whole(repository, kept)]).toEqual([KEPT, true]);
    expect(await repository.look(old.index)).toBeUndefined();
    const back = await prune({ package: name, mode: 'restore', journal: run.outputs['journal'] ?? '' });
    expect([back.exitCode, code(back), back.outputs['restored']]).toEqual([0, undefined, '4']);
    expect([await tagsOf(repository), await whole(repository, [old.index, ...old.children])]).toEqual([
      EVERYTHING,
      true,
    ]);
  });

  it('that does not delete says which setting it lacks', async () => {
    await start(false, 'keeps');
    const { old } = await fleet(repository);
    const run = await prune({ package: name, mode: 'apply' });
    expect([run.exitCode, code(run)]).toEqual([1, 'registry-delete-disabled']);
    expect(run.shown).toContain('storage: delete: enabled: true');
    expect(await whole(repository, [old.index, ...old.children])).toBe(true);
  });
});

describe('Quay', () => {
  let repository: Repository;
  let at: string;
  let count = 0;
  beforeEach(async () => {
    const { host: registry, username, password, caFile } = world.quay;
    const credentials = listCredentials([{ registry, username, password }]);
    const http = createHttp({ extraCa: readFileSync(caFile, 'utf8') });
    at = `acme/app${(count += 1)}`;
    repository = new Registries({ credentials, http }).repository({ registry, repository: at }, 'push');
  });
  const quay = (inputs: Record<string, string> = {}, token = world.quay.api.token) =>
    prune({ package: `${world.quay.host}/${at}`, driver: 'quay', 'quay-token': token, ...inputs });

  it('goes by when a tag was set, and restores from the time machine', async () => {
    const { old } = await fleet(repository);
    // The digest is the oldest, but its tag was set last.
    await world.quay.api.change(at, 'dev-2', { setAt: daysAgo(2) });
    await world.quay.api.change(at, 'dev-1', { setAt: daysAgo(8) });
    await world.quay.api.change(at, 'dev-one', { setAt: daysAgo(7) });
    const run = await quay({ mode: 'apply' });
    expect([run.exitCode, code(run), run.outputs['deleted']]).toEqual([0, undefined, '4']);
    expect(await tagsOf(repository)).toEqual(KEPT);
    expect(
      run.log
        .split('\n')
        .filter((line) => !line.startsWith('::add-mask::'))
        .join('\n'),
    ).not.toContain(world.quay.api.token);
    const back = await quay({ mode: 'restore', journal: run.outputs['journal'] ?? '' });
    expect([back.exitCode, code(back)]).toEqual([0, undefined]);
    expect([await tagsOf(repository), await whole(repository, [old.index])]).toEqual([EVERYTHING, true]);
  });

  it('keeps an image whose tag was set lately, however old the image is', async () => {
    await fleet(repository);
    await world.quay.api.change(at, 'dev-2', { setAt: daysAgo(5) });
    await world.quay.api.change(at, 'dev-1', { setAt: daysAgo(1) });
    expect((await quay({ mode: 'apply' })).outputs['deleted']).toBe('4');
    expect(await tagsOf(repository)).toEqual(['dev-1', 'dev-one', 'latest', 'plimsoll-prune', 'v1.0.0']);
  });

  it('leaves immutable tags alone, and says what will expire by itself', async () => {
    await fleet(repository);
    await world.quay.api.change(at, 'dev-1', { setAt: daysAgo(8), immutable: true });
    await world.quay.api.change(at, 'dev-one', { setAt: daysAgo(8) });
    await world.quay.api.change(at, 'v1.0.0', { expiresAt: new Date(Date.now() + 86_400_000) });
    const run = await quay({ mode: 'apply', explain: 'dev-1' });
    expect([run.exitCode, code(run), run.outputs['deleted']]).toEqual([0, undefined, '0']);
    expect(run.shown).toContain('quay/immutable');
    expect(run.annotations.some(({ level, message }) => level === 'warning' && message.includes('v1.0.0'))).toBe(true);
    expect(await tagsOf(repository)).toEqual(EVERYTHING);
  });

  it('sets a date instead of deleting, once, and takes it back', async () => {
    await fleet(repository);
    for (const tag of ['dev-1', 'dev-one']) await world.quay.api.change(at, tag, { setAt: daysAgo(8) });
    const expiring = { mode: 'apply', 'quay-expire-after': '7d' };
    const run = await quay(expiring);
    expect([run.exitCode, code(run), run.outputs['deleted'], await tagsOf(repository)]).toEqual([
      0,
      undefined,
      '4',
      EVERYTHING,
    ]);
    const again = await quay({ ...expiring, explain: 'dev-1' });
    expect([again.outputs['planned'], again.shown.includes('quay/expires')]).toEqual(['0', true]);
    const back = await quay({ mode: 'restore', journal: run.outputs['journal'] ?? '' });
    expect([back.exitCode, (await quay()).outputs['planned']]).toEqual([0, '4']);
  });

  it('names the kind of token that it needs', async () => {
    await fleet(repository);
    await world.quay.api.change(at, 'dev-1', { setAt: daysAgo(8) });
    await world.quay.api.change(at, 'dev-one', { setAt: daysAgo(8) });
    const robot = await quay({}, world.quay.password);
    const { readToken } = world.quay.api;
    world.quay.front.auth.accounts.push({ username: '$oauthtoken', password: readToken, actions: ['pull'] });
    const reader = await quay({ mode: 'apply' }, readToken);
    const none = await prune({ package: `${world.quay.host}/${at}`, driver: 'quay' });
    expect([robot, reader, none].map(code)).toEqual(['registry-unauthorized', 'registry-denied', 'input-missing']);
    expect([robot, reader].every(({ shown }) => shown.includes('repo:write'))).toBe(true);
    expect(await tagsOf(repository)).toEqual(EVERYTHING);
  });
});

it('refuses what does not fit together before anything is asked', async () => {
  const asked = world.github.requests.length;
  const runs = [
    await prune({ package: 'acme/app', 'quay-token': 'a-token' }),
    await prune({ package: 'registry.test/acme/app', 'quay-expire-after': '7d' }),
    await prune({
      package: 'registry.test/acme/app',
      driver: 'quay',
      'quay-token': 'a-token',
      'quay-expire-after': 'soon',
    }),
    await prune({ package: 'registry.test/acme/app', driver: 'github' }),
    await prune({ package: 'registry.test/acme/app', driver: 'harbour' }),
  ];
  expect(runs.map(code)).toEqual([
    'input-conflict',
    'input-conflict',
    'input-invalid',
    'input-invalid',
    'input-invalid',
  ]);
  expect(world.github.requests.length).toBe(asked);
});

describe('plimsoll prune, outside Actions', () => {
  it('prunes each kind of registry by the same options', async () => {
    const host = await distributionOnPort(world.lifetime, world.tools.registry ?? '', {
      name: 'laptop',
      deletes: true,
    });
    const registries = new Registries({ credentials: noCredentials });
    const repository = registries.repository({ registry: host, repository: 'acme/app' }, 'delete');
    await fleet(repository);
    const policy = path.join(world.directory, 'laptop.yml');
    writeFileSync(policy, POLICY);
    const shown = await plimsoll(['prune', `${host}/acme/app`, `--policy=${policy}`, '--mode=apply']);
    expect([shown.code, await tagsOf(repository)]).toEqual([0, KEPT]);
    const token = { PLIMSOLL_INPUT_QUAY_TOKEN: 'not-a-token', NODE_EXTRA_CA_CERTS: world.quay.caFile };
    const quay = await plimsoll(['prune', `${world.quay.host}/acme/app1`, `--policy=${policy}`], token);
    expect([quay.code, quay.stderr.includes('registry-unauthorized')]).toEqual([1, true]);
    expect(quay.stdout + quay.stderr).not.toContain('not-a-token');
    const leaked = await plimsoll(['prune', `${world.quay.host}/acme/app1`, '--quay-token=visible']);
    expect(leaked.code).not.toBe(0);
  });
});

/** On a laptop: no runner, no GitHub token, no clone. */
function plimsoll(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const program = path.resolve(import.meta.dirname, '../../packages/cli/bin/plimsoll.mjs');
  const home = { HOME: world.directory, DOCKER_CONFIG: world.directory };
  const env = { PATH: process.env['PATH'] ?? '', ...home, GITHUB_REPOSITORY: 'acme/app', ...more };
  const child = spawn(process.execPath, [program, ...args], { cwd: world.directory, env });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (text.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (text.stderr += String(chunk)));
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    child.on('close', (exit) => resolve({ code: exit ?? -1, ...text }));
  });
}
