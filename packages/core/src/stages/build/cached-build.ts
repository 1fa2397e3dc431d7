import { rm } from 'node:fs/promises';
import { type CacheMode, cachePlan, type CachePlan } from '../../github/cache-plan.ts';
import type { GitHubContext } from '../../github/context.ts';
import type { RepositoryName } from '../../oci/reference.ts';
import type { Log } from '../../runtime/log.ts';
import { isCacheFailure } from './cache-failure.ts';
import type { BuildxRequest } from '../../tools/buildx.ts';
import type { BuildLayout, BuildRemarks } from './spread-build.ts';

export interface CachedBuild {
  readonly cache: CacheMode;
  readonly image: RepositoryName;
  readonly mode: 'single' | 'shard' | 'merge';
  /** All that this job builds, on however many builders. */
  readonly platforms: readonly string[];
}

export interface CachePorts {
  readonly github: GitHubContext;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
}

/**
 * A build that also reads and writes the caches which the run's event and the `cache` input call for, after those that
 * are listed. What builds a part of the platforms, a job of a matrix or one of several builders, has caches of its own:
 * in one of all, each would overwrite what the others wrote.
 */
export function cachedBuild(given: CachedBuild, ports: CachePorts, buildOnce: BuildLayout): BuildLayout {
  const plan = planner(given, ports);
  return (task) => {
    const { from, to } = plan(task.platforms);
    const read = task.noCache === true ? [] : from;
    const caches = { cacheFrom: [...(task.cacheFrom ?? []), ...read], cacheTo: [...(task.cacheTo ?? []), ...to] };
    return goingOnUncached({ ...task, ...caches }, buildOnce, ports.log);
  };
}

function planner({ cache, image, mode, platforms }: CachedBuild, { github, env, log }: CachePorts) {
  // BuildKit reads the token's claims, and refuses to build with one that has none.
  const hasToken = /^[\w-]+\.[\w-]+\.[\w-]*$/.test(env['ACTIONS_RUNTIME_TOKEN'] ?? '');
  const hasService = hasToken && Boolean(env['ACTIONS_RESULTS_URL'] || env['ACTIONS_CACHE_URL']);
  if (cache === 'gha' && !hasService)
    log.warning('There is no cache service of a runner here, so "cache: gha" has no effect');
  return (built: readonly string[]): CachePlan => {
    const isPart = mode === 'shard' || built.length < platforms.length;
    return cachePlan({ mode: cache, image, part: isPart ? built : [], github, hasService });
  };
}

/** A cache must not fail a build: neither when it cannot be set up, nor when it gives out halfway. */
async function goingOnUncached(task: BuildxRequest, build: BuildLayout, log: Log): Promise<BuildRemarks> {
  try {
    return await build(task);
  } catch (error) {
    if (!isCacheFailure(error, [...(task.cacheFrom ?? []), ...(task.cacheTo ?? [])])) throw error;
    log.warning(`Building without caches: ${error instanceof Error ? error.message : String(error)}`);
    await rm(task.destination, { recursive: true, force: true });
    return build({ ...task, cacheFrom: [], cacheTo: [] });
  }
}
