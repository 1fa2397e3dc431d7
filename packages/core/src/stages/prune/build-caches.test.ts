import { recordingClock } from '@plimsoll/testkit/github/answering-server';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGitHubApi } from '../../github/api.ts';
import { createHttp } from '../../runtime/http.ts';
import { silentLog } from '../../runtime/log.ts';
import { deleteBuildCaches, planBuildCaches } from './build-caches.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld({ parts: ['github'] });
  world.github.intercept = ({ path }) =>
    path.startsWith('/repos/acme/app/pulls') ? { status: 200, body: [{ number: 7 }] } : undefined;
});
afterEach(() => world.close());

const http = createHttp();
const api = () => createGitHubApi({ apiUrl: world.github.apiUrl, token: world.token, http, clock: recordingClock() });
const clean = async () => {
  const planned = await planBuildCaches(api(), 'acme/app');
  return deleteBuildCaches(planned, { api: api(), repository: 'acme/app', log: silentLog });
};

function fill(...refs: string[]): void {
  for (const [at, ref] of refs.entries())
    world.github.cache.entries.push({
      key: `k${at}`,
      version: '1',
      ref,
      id: at + 1,
      bytes: Buffer.alloc(10),
      done: true,
    });
}
const left = () => world.github.cache.entries.map(({ ref }) => ref);

it('deletes what closed pull requests left, on every page, and nothing of branches', async () => {
  const closed = Array.from({ length: 230 }, (_one, at) => `refs/pull/${at + 100}/merge`);
  fill('refs/heads/main', ...closed, 'refs/pull/7/merge', 'refs/heads/pull/8/merge', 'refs/pull/9/head');
  const { planned, deleted } = await clean();
  expect([planned.length, deleted]).toEqual([231, 231]);
  expect(left()).toEqual(['refs/heads/main', 'refs/pull/7/merge', 'refs/heads/pull/8/merge']);
});

it('asks for no pull requests where none left anything, and takes what is gone for done', async () => {
  fill('refs/heads/main');
  expect(await clean()).toEqual({ planned: [], deleted: 0 });
  expect(world.github.requests.some(({ path }) => path.includes('/pulls'))).toBe(false);
  fill('refs/pull/8/merge');
  world.github.cache.entries.splice(0, 1);
  const planned = await planBuildCaches(api(), 'acme/app');
  world.github.cache.entries.splice(0);
  expect(await deleteBuildCaches(planned, { api: api(), repository: 'acme/app', log: silentLog })).toMatchObject({
    deleted: 0,
  });
});

it.each(['none', 'read'] as const)('names the permission when the token may do: %s', async (access) => {
  fill('refs/pull/8/merge');
  world.github.cacheRest.access = access;
  await expect(clean()).rejects.toMatchObject({
    code: 'github-denied',
    hint: expect.stringContaining('actions: write'),
  });
  expect(left()).toHaveLength(1);
});
