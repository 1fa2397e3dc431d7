import { Shapes } from '@plimsoll/testkit/github/image-shapes';
import { PackagesEmulator } from '@plimsoll/testkit/github/packages-emulator';
import { servePackages } from '@plimsoll/testkit/github/packages-registry';
import { runAction } from '@plimsoll/testkit/runner/run-action';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterEach, beforeEach, expect, it } from 'vitest';

let world: World;
let host: string;
let tags: () => string[];
beforeEach(async () => {
  world = await startWorld({ parts: ['github'] });
  ({ host } = await servePackages(world.lifetime, world.github.packages, { token: world.token }));
  const emulator = new PackagesEmulator({ now: () => Date.now() - 10 * 86_400_000 });
  const state = emulator.package({ owner: 'acme', pkg: 'app' });
  world.github.packages.adopt({ owner: 'acme', pkg: 'app' }, state);
  const shapes = new Shapes(state);
  shapes.record();
  for (const tag of ['v1.0.0', 'v1.1.0', 'buildcache-main', 'buildcache-pr-7', 'buildcache-pr-8'])
    shapes.image(tag, { tags: [tag] });
  tags = () => [...state.tags.keys()].toSorted();
  for (const [at, ref] of ['refs/heads/main', 'refs/pull/7/merge', 'refs/pull/8/merge'].entries())
    world.github.cache.entries.push({
      key: `k${at}`,
      version: '1',
      ref,
      id: at + 1,
      bytes: Buffer.alloc(9),
      done: true,
    });
  world.github.intercept = ({ path }) =>
    path.startsWith('/repos/acme/app/pulls') ? { status: 200, body: [{ number: 7 }] } : undefined;
});
afterEach(() => world.close());

const prune = (inputs: Record<string, string>) =>
  runAction({ action: 'prune', inputs: { package: 'acme/app', ...inputs }, world, env: { PLIMSOLL_GHCR_HOST: host } });
const caches = () => world.github.cache.entries.map(({ ref }) => ref);

it('cleans build caches of closed pull requests, when told', async () => {
  const untold = await prune({ mode: 'apply' });
  const planned = await prune({ 'clean-build-caches': 'true' });
  expect([untold.outputs['build-caches'], planned.outputs['build-caches'], planned.outputs['planned']]).toEqual([
    undefined,
    '1',
    '1',
  ]);
  expect(planned.summary).toContain('#8');
  expect([caches().length, tags().includes('buildcache-pr-8')]).toEqual([3, true]);
  const run = await prune({ 'clean-build-caches': 'true', mode: 'apply' });
  expect([run.exitCode, run.outputs['build-caches'], run.outputs['deleted']]).toEqual([0, '1', '1']);
  expect(caches()).toEqual(['refs/heads/main', 'refs/pull/7/merge']);
  expect(tags()).toEqual(['buildcache-main', 'buildcache-pr-7', 'plimsoll-prune', 'v1.0.0', 'v1.1.0']);
});

it('stops without the permission, before anything is deleted', async () => {
  world.github.cacheRest.access = 'none';
  const run = await prune({ 'clean-build-caches': 'true', mode: 'apply' });
  expect([run.exitCode, run.shown.includes('actions: write'), tags().length]).toEqual([1, true, 6]);
});
