import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { mapConcurrently } from '../runtime/concurrent.ts';
import { PlimsollError } from '../runtime/errors.ts';
import { pickText } from '../runtime/pick.ts';
import type { GitHubApi } from './api.ts';
import type { GitHubContext } from './context.ts';

export interface BaseFiles {
  /** Below this directory of the repository; empty for its root. */
  readonly prefix: string;
  /** By the path's last part. */
  readonly wanted: (name: string) => boolean;
  /** Files are written below it as they lie below the prefix. */
  readonly directory: string;
}

const PARALLEL = 4;

/** The commit that a pull request, or a group in a merge queue, is to be merged into; `undefined` for other events. */
export function baseCommit({ event, eventName }: GitHubContext): string | undefined {
  const text = eventName === 'merge_group' ? pickText(event, 'merge_group', 'base_sha') : undefined;
  return text ?? pickText(event, 'pull_request', 'base', 'sha');
}

/**
 * Fetches files of the base commit through the API (docs.github.com/rest/git/trees): a checkout of a pull request has only its
 * own commit.
 *
 * @throws PlimsollError `github-*`, `github-protocol` when the tree is too large to be listed whole
 */
export async function fetchBaseFiles(
  commit: string,
  { prefix, wanted, directory }: BaseFiles,
  { api, github }: { readonly api: GitHubApi; readonly github: GitHubContext },
): Promise<void> {
  const repository = `/repos/${github.repository}/git`;
  const { tree = [], truncated } = await api.get<Tree>(`${repository}/trees/${commit}`, { recursive: '1' });
  if (truncated === true) throw tooLarge(commit);
  const start = prefix === '' ? '' : `${prefix}/`;
  const files = tree.filter(
    (each) => each.type === 'blob' && each.path.startsWith(start) && wanted(path.posix.basename(each.path)),
  );
  await mapConcurrently(files, PARALLEL, async ({ path: file, sha }) => {
    const place = path.join(directory, file.slice(start.length));
    if (path.relative(directory, place).startsWith('..')) return;
    const { content } = await api.get<{ content: string }>(`${repository}/blobs/${sha}`);
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, Buffer.from(content, 'base64'));
  });
}

interface Tree {
  readonly tree?: readonly { readonly path: string; readonly type: string; readonly sha: string }[];
  readonly truncated?: boolean;
}

function tooLarge(commit: string): PlimsollError {
  return new PlimsollError('github-protocol', `The tree of ${commit} is too large for GitHub to list`, {
    hint: 'Scan a directory of it ("source:"), or leave out "only-new:".',
  });
}
