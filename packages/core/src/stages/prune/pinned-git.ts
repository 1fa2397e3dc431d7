import type { GitHubApi } from '../../github/api.ts';
import { branchNames, type GitTree, readTextAt, readTree } from '../../github/git-files.ts';
import { matchesPath } from '../../policy/path-pattern.ts';
import type { GitPins } from '../../policy/retention.ts';
import { mapConcurrently } from '../../runtime/concurrent.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { pinsOfText } from './pinned-text.ts';
import { mergePins, type Pins } from './pins.ts';

export interface PinnedGitRequest {
  readonly git: readonly GitPins[];
  /** Where no repository is named, `owner/name`. */
  readonly repository: string;
  /** `registry/owner/name`. */
  readonly package: string;
}

const PARALLEL = 8;

/**
 * What files at git refs name of the package: what runs from a branch that this workflow does not check out.
 * @throws PlimsollError `file-unreadable` when a ref, a pattern or a file comes to nothing: what is in use would be unknown
 */
export async function pinsFromGit(api: GitHubApi, request: PinnedGitRequest): Promise<Pins> {
  const found: Pins[] = [];
  for (const { repository = request.repository, refs, files } of request.git) {
    const names = await refsOf(api, repository, refs);
    const trees = await mapConcurrently(names, PARALLEL, (ref) => readTree(api, repository, ref));
    for (const tree of trees) found.push(await pinsOfTree(api, tree, { files, package: request.package }));
  }
  return mergePins(found);
}

/** The branches that a pattern stands for; any other ref as it is. */
async function refsOf(api: GitHubApi, repository: string, refs: readonly string[]): Promise<readonly string[]> {
  if (!refs.some((ref) => ref.includes('*'))) return refs;
  const branches = await branchNames(api, repository);
  return [...new Set(refs.flatMap((ref) => (ref.includes('*') ? matching(ref, branches, repository) : [ref])))];
}

function matching(pattern: string, names: readonly string[], place: string): readonly string[] {
  const found = names.filter((name) => matchesPath(pattern, name));
  if (found.length > 0) return found;
  throw new PlimsollError('file-unreadable', `"${pattern}" under protect.git matches nothing in ${place}`, {
    hint: 'What is in use is unknown, so nothing was deleted. Correct the pattern, or leave it out.',
  });
}

async function pinsOfTree(
  api: GitHubApi,
  tree: GitTree,
  { files, package: name }: { readonly files: readonly string[]; readonly package: string },
): Promise<Pins> {
  const place = `${tree.repository}@${tree.ref}`;
  const paths = [...new Set(files.flatMap((pattern) => matching(pattern, [...tree.files.keys()], place)))].toSorted();
  const pins = await mapConcurrently(paths, PARALLEL, async (path) => {
    const rule = `protect/git ${place}:${path}`;
    return pinsOfText(await readTextAt(api, tree, path), { rule, package: name });
  });
  return mergePins(pins);
}
