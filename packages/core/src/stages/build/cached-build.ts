import { type CacheMode, cachePlan, type CachePlan } from '../../github/cache-plan.ts';
import type { GitHubContext } from '../../github/context.ts';
import type { RepositoryName } from '../../oci/reference.ts';
import { isFailure } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { BuildLayout } from './spread-build.ts';

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
  return goingOnUncached(
    (task) => {
      const { from, to } = plan(task.platforms);
      const read = task.noCache === true ? [] : from;
      return buildOnce({
        ...task,
        cacheFrom: [...(task.cacheFrom ?? []), ...read],
        cacheTo: [...(task.cacheTo ?? []), ...to],
      });
    },
    buildOnce,
    ports.log,
  );
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

/** A cache that cannot even be set up must not fail a build either, and `ignore-error` is of no help there. */
function goingOnUncached(cached: BuildLayout, uncached: BuildLayout, log: Log): BuildLayout {
  return async (task) => {
    try {
      return await cached(task);
    } catch (error) {
      if (!isFailure(error, 'build-failed') || !/failed to configure \S+ cache (?:ex|im)porter/.test(error.message))
        throw error;
      log.warning(`Building without caches: ${error.message}`);
      return uncached({ ...task, cacheFrom: [], cacheTo: [] });
    }
  };
}
