import { isFailure } from '../runtime/errors.ts';
import { readPolicyFile } from './contents.ts';
import { defaultBranchOf, type RepositoryPorts } from './default-branch-file.ts';

/** A file that judges, and that would be another one after the merge. */
export interface PolicyChange {
  readonly path: string;
  /** On the default branch, which judges now; absent when there is none. */
  readonly before?: string;
  /** In the change that is judged; absent when it is removed. */
  readonly after?: string;
}

/**
 * What a pull request, or a group in a merge queue, changes in the files that judge it. Nothing for other events: what
 * they judge is on a branch already. A file that cannot be read here changes no verdict, so it is left out with a note.
 */
export async function policyChanges(
  paths: readonly string[],
  ports: RepositoryPorts,
): Promise<{ readonly changes: readonly PolicyChange[]; readonly notes: readonly string[] }> {
  const { github } = ports;
  const proposed = github.pullRequestNumber !== undefined || github.eventName === 'merge_group';
  if (!proposed) return { changes: [], notes: [] };
  try {
    const ref = await defaultBranchOf(ports);
    const changes = await Promise.all(paths.map((path) => changeOf(path, ref, ports)));
    return { changes: changes.flat(), notes: [] };
  } catch (error) {
    if (!isFailure(error) || error.code === 'cancelled') throw error;
    return { changes: [], notes: [`Whether this change touches the policy could not be seen: ${error.message}.`] };
  }
}

async function changeOf(
  path: string,
  branch: string,
  { api, github }: RepositoryPorts,
): Promise<readonly PolicyChange[]> {
  const { repository, sha } = github;
  const [before, after] = await Promise.all(
    [branch, sha].map(async (ref) => {
      const answer = await readPolicyFile(api, { repository, path, ref });
      return answer.found ? answer.bytes.toString('utf8') : undefined;
    }),
  );
  if (before === after) return [];
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}
