import { type CacheEntry, deleteCache, pullRequestCaches } from '../../github/actions-caches.ts';
import type { GitHubApi } from '../../github/api.ts';
import { readEphemera } from '../../github/ephemera.ts';
import type { Log } from '../../runtime/log.ts';

/** Entries of the cache of workflows that no open pull request can use; nobody else may read them. */
export interface BuildCaches {
  readonly planned: readonly CacheEntry[];
  /** Absent where they were only listed. */
  readonly deleted?: number;
}

/**
 * What closed pull requests left in the cache of workflows. The entries are listed before the pull requests, so that one
 * which is opened in between is seen to be open.
 * @throws PlimsollError `github-denied` without `actions: write` or `pull-requests: read`, and `github-*`
 */
export async function planBuildCaches(api: GitHubApi, repository: string): Promise<BuildCaches> {
  const entries = await pullRequestCaches(api, repository);
  if (entries.length === 0) return { planned: [] };
  const { openPullRequests } = await readEphemera(api, repository, new Set(['pull-request-open']));
  return { planned: entries.filter(({ pullRequest }) => !openPullRequests.has(pullRequest)) };
}

/** @throws PlimsollError `github-denied` without `actions: write`, and `github-*` */
export async function deleteBuildCaches(
  { planned }: BuildCaches,
  { api, repository, log }: { readonly api: GitHubApi; readonly repository: string; readonly log: Log },
): Promise<BuildCaches> {
  let deleted = 0;
  for (const { id, key, pullRequest } of planned) {
    if (await deleteCache(api, repository, id)) deleted += 1;
    log.debug(`cache ${key} of pull request ${pullRequest} deleted`);
  }
  return { planned, deleted };
}
