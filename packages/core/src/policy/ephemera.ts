/** What of a repository is there for a while only, as it is now. */
export interface Ephemera {
  readonly openPullRequests: ReadonlySet<number>;
  /** Names as in git, such as `feature/x`. */
  readonly branches: readonly string[];
}

const PULL_REQUEST = /(?:^|[^a-z0-9])(?:pr|pull)[-_.]?(\d+)(?=$|[^0-9])/i;

/**
 * Whether what the tag is named after is still there. What cannot be told is taken for still there.
 * @param tag of a channel that keeps its tags while that is so
 */
export function isCurrent(tag: string, kind: 'pull-request-open' | 'branch-exists', ephemera: Ephemera): boolean {
  if (kind === 'pull-request-open') {
    const number = PULL_REQUEST.exec(tag)?.[1];
    return number === undefined || ephemera.openPullRequests.has(Number(number));
  }
  return ephemera.branches.some((branch) => isNamedAfter(tag, tagOfBranch(branch)));
}

/** As in docker/metadata-action and in our own tags. */
function tagOfBranch(branch: string): string {
  return branch.replaceAll(/[^A-Za-z0-9._-]+/g, '-');
}

/** The branch stands for itself, and as a part between separators: `branch-main`, `main-3f2a`. */
function isNamedAfter(tag: string, name: string): boolean {
  const at = tag.indexOf(name);
  if (at === -1) return false;
  const isEdge = (character: string | undefined) => character === undefined || /[._-]/.test(character);
  return isEdge(tag[at - 1]) && isEdge(tag[at + name.length]);
}
