import * as v from 'valibot';
import { isFailure, PlimsollError } from '../runtime/errors.ts';
import { type GitHubApi, parse } from './api.ts';
import { answerFailure } from './api-failure.ts';

/** An entry of the cache of a repository's workflows. */
export interface CacheEntry {
  readonly id: number;
  readonly key: string;
  /** The pull request that wrote it: nobody else can read it. */
  readonly pullRequest: number;
  /** Bytes. */
  readonly size: number;
}

const Page = v.looseObject({
  total_count: v.number(),
  actions_caches: v.array(
    v.looseObject({
      id: v.pipe(v.number(), v.safeInteger()),
      ref: v.string(),
      key: v.string(),
      size_in_bytes: v.optional(v.number(), 0),
    }),
  ),
});

const PER_PAGE = 100;
const MOST_PAGES = 1_000;
const PULL_REQUEST = /^refs\/pull\/(\d+)\/(?:merge|head)$/;

/**
 * What pull requests wrote into the cache of workflows (docs.github.com/rest/actions/cache).
 * @throws PlimsollError `github-denied` without `actions: read`, and `github-*`
 */
export async function pullRequestCaches(api: GitHubApi, repository: string): Promise<readonly CacheEntry[]> {
  const found = new Map<number, CacheEntry>();
  for (let page = 1, seen = 0; page <= MOST_PAGES; page += 1) {
    const { total_count: total, actions_caches: entries } = await readPage(api, repository, page);
    for (const { id, ref, key, size_in_bytes: size } of entries) {
      const number = PULL_REQUEST.exec(ref)?.[1];
      if (number !== undefined) found.set(id, { id, key, pullRequest: Number(number), size });
    }
    seen += entries.length;
    if (entries.length === 0 || seen >= total) break;
  }
  return [...found.values()];
}

/** False when it was gone already. @throws PlimsollError `github-denied` without `actions: write`, and `github-*` */
export async function deleteCache(api: GitHubApi, repository: string, id: number): Promise<boolean> {
  const answer = await api.send({ method: 'DELETE', path: `/repos/${repository}/actions/caches/${id}` });
  if (answer.status === 404) return false;
  if (answer.status >= 200 && answer.status < 300) return true;
  throw explained(answerFailure(answer), repository);
}

async function readPage(api: GitHubApi, repository: string, page: number): Promise<v.InferOutput<typeof Page>> {
  const query = { per_page: String(PER_PAGE), page: String(page), sort: 'created_at', direction: 'asc' };
  const answer = await api.send({ path: `/repos/${repository}/actions/caches`, query });
  try {
    const result = v.safeParse(Page, parse(answer));
    if (result.success) return result.output;
  } catch (error) {
    throw explained(error, repository);
  }
  throw new PlimsollError('github-protocol', `${answer.request}: the answer is not as documented`, {
    hint: 'No cache was deleted because of it. Check GITHUB_API_URL and what stands between the runner and GitHub.',
  });
}

function explained(error: unknown, repository: string): unknown {
  if (!isFailure(error, 'github-denied', 'github-not-found')) return error;
  return new PlimsollError('github-denied', `The build caches of ${repository} cannot be cleaned`, {
    hint: 'Write "permissions: actions: write" in the job, or leave "clean-build-caches:" out.',
    cause: error,
  });
}
