import { expect, it } from 'vitest';
import { describeRef } from '../../github/context.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { silentLog } from '../../runtime/log.ts';
import type { BuildxRequest } from '../../tools/buildx.ts';
import { cachedBuild, type CachedBuild } from './cached-build.ts';

const BOTH = ['linux/amd64', 'linux/arm64'];
const IMAGE = { registry: 'ghcr.io', repository: 'acme/app' };
const github = { ...describeRef('refs/heads/main'), defaultBranch: 'main', toolCacheDir: '/cache' } as never;
const TASK: BuildxRequest = {
  context: '.',
  file: 'Dockerfile',
  platforms: BOTH,
  imageName: 'r/i:t',
  destination: '/d',
};

/** What each build was asked for, one builder after the other. */
async function asked(
  parts: readonly (readonly string[])[],
  change: Partial<CachedBuild> = {},
  task: Partial<BuildxRequest> = {},
  failures: readonly Error[] = [],
): Promise<readonly BuildxRequest[]> {
  const tasks: BuildxRequest[] = [];
  const failing = [...failures];
  const build = cachedBuild(
    { cache: 'registry', image: IMAGE, mode: 'single', platforms: BOTH, ...change },
    { github, env: {}, log: silentLog },
    (one) => {
      tasks.push(one);
      const failure = failing.shift();
      return failure === undefined ? Promise.resolve({ warnings: [], steps: [] }) : Promise.reject(failure);
    },
  );
  for (const platforms of parts) await build({ ...TASK, ...task, platforms });
  return tasks;
}

const scopes = (tasks: readonly BuildxRequest[]) => new Set(tasks.map(({ cacheTo = [] }) => cacheTo.at(-1)));

it('has a cache for each part of the platforms, wherever that is built', async () => {
  const whole = await asked([BOTH]);
  const spread = await asked(BOTH.map((platform) => [platform]));
  expect(scopes(spread).size).toBe(2);
  expect(scopes([...spread, ...whole]).size).toBe(3);
  for (const { cacheFrom, cacheTo, platforms } of spread) {
    expect(cacheFrom).toHaveLength(1);
    expect(cacheTo?.[0]).toContain(`-cache:${platforms[0]?.replaceAll('/', '-')}-main-`);
  }
  // A job of a matrix takes over what a builder for the same platforms left.
  const shard = await asked([['linux/arm64']], { mode: 'shard', platforms: ['linux/arm64'] });
  expect(shard[0]?.cacheTo).toEqual(spread[1]?.cacheTo);
});

it('comes after the caches that are listed, and is not read where none is to be', async () => {
  const [task] = await asked([BOTH], {}, { cacheFrom: ['type=inline'], noCache: true });
  expect(task?.cacheFrom).toEqual(['type=inline']);
  expect(task?.cacheTo).toHaveLength(1);
});

it('is left out when it cannot be set up, and only then', async () => {
  const failed = (message: string) => new PlimsollError('build-failed', message, { hint: '' });
  const tasks = await asked([BOTH], {}, {}, [failed('failed to configure gha cache exporter: no')]);
  expect(tasks.map(({ cacheTo = [] }) => cacheTo.length)).toEqual([1, 0]);
  await expect(asked([BOTH], {}, {}, [failed('exit code 1')])).rejects.toMatchObject({ code: 'build-failed' });
});
