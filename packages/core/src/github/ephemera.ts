import * as v from 'valibot';
import type { Ephemera } from '../policy/ephemera.ts';
import { isFailure, PlimsollError } from '../runtime/errors.ts';
import type { GitHubApi } from './api.ts';

const PullRequests = v.array(v.looseObject({ number: v.pipe(v.number(), v.safeInteger()) }));
const Branches = v.array(v.looseObject({ name: v.string() }));

/** Which of the two somebody needs; the other is not asked for. */
export type EphemeraKinds = ReadonlySet<'pull-request-open' | 'branch-exists'>;

/**
 * The open pull requests and the branches of a repository, as they are now.
 * @throws PlimsollError `github-denied` when they cannot be read, `github-protocol` for a repository without branches, and `github-*`
 */
export async function readEphemera(api: GitHubApi, repository: string, kinds: EphemeraKinds): Promise<Ephemera> {
  const path = `/repos/${repository}`;
  try {
    const pulls = kinds.has('pull-request-open') ? await list(api, `${path}/pulls`, PullRequests) : [];
    const branches = kinds.has('branch-exists') ? await list(api, `${path}/branches`, Branches) : [];
    if (kinds.has('branch-exists') && branches.length === 0) throw noBranches(repository);
    return {
      openPullRequests: new Set(pulls.map(({ number }) => number)),
      branches: branches.map(({ name }) => name),
    };
  } catch (cause) {
    if (!isFailure(cause, 'github-denied', 'github-not-found')) throw cause;
    throw new PlimsollError('github-denied', `The pull requests or branches of ${repository} cannot be read`, {
      hint: 'Which tags are out of use is unknown, so nothing was deleted. Write "permissions: contents: read, pull-requests: read" in the job.',
      cause,
    });
  }
}

async function list<T extends v.GenericSchema<unknown, readonly unknown[]>>(
  api: GitHubApi,
  path: string,
  schema: T,
): Promise<v.InferOutput<T>[number][]> {
  const found: v.InferOutput<T>[number][] = [];
  for await (const page of api.pages(path, path.endsWith('/pulls') ? { state: 'open' } : {})) {
    const result = v.safeParse(schema, page);
    if (!result.success) throw unlike(path);
    found.push(...result.output);
  }
  return found;
}

function unlike(path: string): PlimsollError {
  return new PlimsollError('github-protocol', `GET ${path}: the answer is not as documented`, {
    hint: 'Nothing was deleted because of it. Check GITHUB_API_URL and what stands between the runner and GitHub.',
  });
}

/** Every repository has one; an empty list would make every tag of the channel look out of use. */
function noBranches(repository: string): PlimsollError {
  return new PlimsollError('github-protocol', `${repository} has no branches, says GitHub`, {
    hint: 'Nothing was deleted because of it. Run again; see https://www.githubstatus.com if it stays.',
  });
}
