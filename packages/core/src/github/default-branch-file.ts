import { PlimsollError } from '../runtime/errors.ts';
import type { GitHubApi } from './api.ts';
import { readPolicyFile } from './contents.ts';
import type { GitHubContext } from './context.ts';

export interface RepositoryPorts {
  readonly api: GitHubApi;
  readonly github: GitHubContext;
}

/** From the event, else from the API. @throws PlimsollError `github-*` */
export async function defaultBranchOf({ api, github }: RepositoryPorts): Promise<string> {
  const { defaultBranch, repository } = github;
  return defaultBranch ?? (await api.get<{ default_branch: string }>(`/repos/${repository}`)).default_branch;
}

/**
 * Reads a file that loosens the gate from the default branch, so that no pull request brings its own.
 *
 * @param input - the input that names it, for messages
 * @throws PlimsollError `input-invalid`, `policy-unreadable`, `policy-invalid`, `github-*`
 */
export async function readFromDefaultBranch(
  file: { readonly path: string; readonly input: string },
  ports: RepositoryPorts,
): Promise<{ readonly path: string; readonly text: string }> {
  const { path, input } = file;
  if (path.startsWith('/') || path.split('/').includes('..')) throw unusable(file, 'is not a path in the repository');
  const { repository } = ports.github;
  const ref = await defaultBranchOf(ports);
  const answer = await readPolicyFile(ports.api, { repository, path, ref });
  if (!answer.found) throw unusable({ path, input }, `is not on the branch ${ref} of ${repository}`);
  return { path, text: answer.bytes.toString('utf8') };
}

function unusable({ path, input }: { path: string; input: string }, why: string): PlimsollError {
  return new PlimsollError('input-invalid', `The input "${input}": ${path} ${why}`, {
    hint: 'Commit the file to the default branch: what suppresses findings is read from there and nowhere else.',
  });
}
