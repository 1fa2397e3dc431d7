import * as v from 'valibot';
import { isFailure } from '../runtime/errors.ts';
import { type GitHubApi, parse } from './api.ts';
import { defaultBranchOf } from './default-branch-file.ts';
import type { GitHubContext } from './context.ts';

/** Where a commit stands among others, as far as somebody may say; two requests. */
export interface CommitHistory {
  /** Itself and those before it, the nearest first, a hundred at most; absent when that was not told. */
  readonly before?: readonly string[];
  readonly defaultBranch?: string;
  /** Whether the default branch has it; absent when that was not told. */
  readonly onDefaultBranch?: boolean;
}

const Commits = v.array(v.looseObject({ sha: v.string() }));
/** From the default branch to the commit: what is `identical` to it, or `behind` it, is on it. */
const Comparison = v.looseObject({ status: v.picklist(['identical', 'behind', 'ahead', 'diverged']) });

/**
 * docs.github.com/rest/commits/commits. For a message only: what nobody tells is left out, and never a failure.
 * @throws what is not an expected failure, and `cancelled`
 */
export async function commitHistory(
  commit: string,
  { api, github }: { readonly api: GitHubApi; readonly github: GitHubContext },
): Promise<CommitHistory> {
  const at = `/repos/${github.repository}`;
  const [before, branch] = await Promise.all([
    told(async () => v.parse(Commits, parse(await api.send({ path: `${at}/commits`, query: listOf(commit) })))),
    told(() => defaultBranchOf({ api, github })),
  ]);
  const path = `${at}/compare/${encodeURIComponent(branch ?? '')}...${commit}`;
  const compared =
    branch && (await told(async () => v.parse(Comparison, parse(await api.send({ path, query: { per_page: '1' } })))));
  return {
    ...(before && { before: before.map(({ sha }) => sha) }),
    ...(branch && { defaultBranch: branch }),
    ...(compared && { onDefaultBranch: ['identical', 'behind'].includes(compared.status) }),
  };
}

function listOf(commit: string): Readonly<Record<string, string>> {
  return { sha: commit, per_page: '100' };
}

async function told<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (v.isValiError(error) || (isFailure(error) && error.code !== 'cancelled')) return undefined;
    throw error;
  }
}
