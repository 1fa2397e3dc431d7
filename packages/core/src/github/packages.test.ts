import { Shapes } from '@plimsoll/testkit/github/image-shapes';
import { PackageState } from '@plimsoll/testkit/github/package-state';
import { type EmulatorOptions, PackagesEmulator } from '@plimsoll/testkit/github/packages-emulator';
import { Lifetime } from '@plimsoll/testkit/world/lifetime';
import { readBody, serveLocally } from '@plimsoll/testkit/world/local-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttp } from '../runtime/http.ts';
import { createGitHubApi } from './api.ts';
import { denied, packageMissing, tokenKindOf } from './package-failure.ts';
import { GitHubPackage } from './packages.ts';

let lifetime: Lifetime;
beforeEach(() => {
  lifetime = new Lifetime();
});
afterEach(() => lifetime.close());

interface Setup {
  readonly emulator: PackagesEmulator;
  readonly state: PackageState;
  readonly shapes: Shapes;
  open(owner?: string, token?: string): Promise<GitHubPackage>;
}

async function setUp(options: EmulatorOptions = {}, owner = 'acme', base = ''): Promise<Setup> {
  const emulator = new PackagesEmulator(options);
  const state = new PackageState();
  emulator.adopt({ owner, pkg: 'app/web' }, state);
  const { url } = await serveLocally(lifetime, async (incoming, response) => {
    const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
    const { method = 'GET', url: asked = '/' } = incoming;
    const target = asked.replace(base, '');
    const answer = await emulator.handle({
      method,
      target,
      apiUrl: url + base,
      headers,
      body: await readBody(incoming),
    });
    response.writeHead(answer?.status ?? 404, answer?.headers);
    response.end(answer?.body);
  });
  const http = createHttp();
  lifetime.defer(async () => {
    await http[Symbol.asyncDispose]();
  });
  const clock = { now: () => new Date(), sleep: () => Promise.resolve() };
  const open = (at = owner, token = 'ghs_x') =>
    GitHubPackage.open(createGitHubApi({ apiUrl: url + base, token, http, clock }), { owner: at, name: 'app/web' });
  return { emulator, state, shapes: new Shapes(state), open };
}

const routes = ({ emulator }: Setup) =>
  emulator.requests.map(({ method, target }) => `${method} ${target.split('?')[0]}`);

describe('addressing', () => {
  it('goes by organization, with the name encoded', async () => {
    const setup = await setUp({ owners: { acme: 'Organization' } });
    setup.shapes.image('a', { tags: ['v1'] });
    const page = await (await setup.open()).page(1, 'active');
    expect(page).toMatchObject({ last: 1, versions: [{ tags: ['v1'] }] });
    expect(routes(setup)).toEqual(['GET /users/acme', 'GET /orgs/acme/packages/container/app%2Fweb/versions']);
  });

  it('goes by the base path of a GitHub Enterprise Server, on every page', async () => {
    const setup = await setUp({}, 'acme', '/api/v3');
    for (let number = 0; number < 101; number += 1) setup.shapes.image(`${number}`);
    const open = await setup.open();
    const [first, second] = [await open.page(1, 'active'), await open.page(2, 'active')];
    expect([first.last, first.versions.length, second.versions.length]).toEqual([2, 100, 1]);
    expect(await open.delete(second.versions[0] ?? { id: 0 })).toEqual({ is: 'deleted' });
  });

  it.each([
    ['ghs_x', '/users/octo'],
    ['ghp_own', '/user'],
    ['ghp_other', '/users/octo'],
  ])('goes by user with %s to %s', async (token, scope) => {
    const full = { read: true, delete: true, admin: true };
    const tokens = { ghs_x: full, ghp_own: { ...full, login: 'octo' }, ghp_other: { ...full, login: 'cat' } };
    const setup = await setUp({ owners: { octo: 'User' }, tokens }, 'octo');
    const { versionCount } = await (await setup.open('octo', token)).info();
    expect([versionCount, routes(setup).at(-1)]).toEqual([0, `GET ${scope}/packages/container/app%2Fweb`]);
  });

  it('H28 does not take a wrong owner for an empty package', async () => {
    const setup = await setUp({ owners: { acme: 'Organization', other: 'Organization' } });
    await expect(setup.open('nobody')).rejects.toMatchObject({ code: 'package-not-found' });
    await expect((await setup.open('other')).page(1, 'active')).rejects.toMatchObject({ code: 'package-not-found' });
  });
});

describe('versions', () => {
  it('come in pages of 100 with the number of the last', async () => {
    const setup = await setUp();
    for (let number = 0; number < 201; number += 1) setup.shapes.image(`${number}`);
    const app = await setup.open();
    const pages = [await app.page(1, 'active'), await app.page(3, 'active')];
    expect(pages.map((page) => [page.versions.length, page.last])).toEqual([
      [100, 3],
      [1, 3],
    ]);
  });

  it('are deleted once, and restored', async () => {
    const setup = await setUp();
    setup.shapes.image('a', { tags: ['v1'] });
    setup.shapes.image('b', { tags: ['v2'] });
    const app = await setup.open();
    const [version] = (await app.page(1, 'active')).versions;
    const id = version?.id ?? 0;
    expect([await app.delete({ id }), await app.delete({ id }), await app.version({ id })]).toEqual([
      { is: 'deleted' },
      { is: 'gone' },
      undefined,
    ]);
    expect((await app.page(1, 'deleted')).versions.map((one) => one.id)).toEqual([id]);
    expect([await app.restore({ id }), await app.restore({ id })]).toEqual([true, false]);
    expect(await app.version({ id })).toEqual(version);
  });

  it('H16 H17 that GitHub keeps are refused with its reason', async () => {
    const setup = await setUp();
    const digest = setup.shapes.image('a', { tags: ['v1'] });
    const app = await setup.open();
    const id = setup.state.live(digest)?.id ?? 0;
    expect(await app.delete({ id })).toMatchObject({ is: 'refused', reason: expect.stringContaining('last tagged') });
    setup.shapes.image('b', { tags: ['v2'] });
    setup.state.visibility = 'public';
    Object.assign(setup.state.live(digest) ?? {}, { downloads: 5_001 });
    expect(await app.delete({ id })).toMatchObject({ is: 'refused', reason: expect.stringContaining('5000') });
  });
});

describe('rights', () => {
  it.each([
    ['without delete:packages', { read: true, delete: false, admin: true }],
    ['without the Admin role', { read: true, delete: true, admin: false }],
  ])('%s are told from a version that is gone', async (_what, grant) => {
    const setup = await setUp({ tokens: { ghs_x: grant } });
    const id = setup.state.live(setup.shapes.image('a'))?.id ?? 0;
    const app = await setup.open();
    await expect(app.delete({ id })).rejects.toMatchObject({
      code: 'github-denied',
      hint: expect.stringContaining('packages: write'),
    });
    expect(setup.state.count).toBe(1);
  });

  it('without any are told at the first look', async () => {
    const setup = await setUp({ tokens: { ghs_x: { read: false, delete: false, admin: false } } });
    await expect((await setup.open()).info()).rejects.toMatchObject({ code: 'github-denied' });
    await expect(setup.open('acme', 'ghs_wrong')).rejects.toMatchObject({ code: 'github-denied' });
  });
});

describe('the hint', () => {
  it.each([
    ['ghs_x', {}, 'permissions: packages: write'],
    ['github_pat_x', {}, 'a fine-grained one cannot'],
    ['ghp_x', { 'x-oauth-scopes': 'repo, write:packages' }, 'add delete:packages to the scopes'],
    ['ghp_x', { 'x-oauth-scopes': 'delete:packages, read:packages' }, 'single sign-on'],
    ['ghp_x', {}, 'read:packages and delete:packages'],
    [undefined, {}, 'Admin'],
  ])('for the token %s with %j names the line to write', (token, headers, expected) => {
    const address = { owner: 'acme', name: 'app', token: tokenKindOf(token) };
    const answer = { status: 403, headers, text: '{}', request: 'DELETE x' };
    expect([denied(address, answer).hint, packageMissing(address, answer).hint]).toEqual([
      expect.stringContaining(expected),
      expect.stringContaining(expected),
    ]);
  });
});

describe('answers that are none', () => {
  it.each([
    ['a server error', { status: 500, headers: {}, body: '{"message":"Server Error"}' }, 'github-unreachable'],
    ['a page of a proxy', { status: 200, headers: {}, body: '<html>' }, 'github-protocol'],
    ['versions without tags', { status: 200, headers: {}, body: '[{"id":1,"name":"sha256:x"}]' }, 'github-protocol'],
    [
      'a list that does not say where it ends',
      { status: 200, headers: { link: '<http://x/?page=2>; rel="next"' }, body: '[]' },
      'github-protocol',
    ],
    [
      'a used-up limit',
      { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '99999999999' }, body: '{}' },
      'github-rate-limited',
    ],
  ])('H34 %s is an error and not the end', async (_what, answer, code) => {
    const setup = await setUp();
    const app = await setup.open();
    setup.emulator.onRequest = () => answer;
    await expect(app.page(2, 'active')).rejects.toMatchObject({ code });
  });
});
