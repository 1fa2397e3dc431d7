import type { CommitHistory } from '../../github/commit-history.ts';
import type { Repository } from '../../oci/registry/repository.ts';
import { PlimsollError } from '../../runtime/errors.ts';

const COMMIT_TAG = /^sha-(?<commit>[0-9a-f]{40})$/;
/** As many as a person looks at. */
const SHOWN = 3;

/** The commit that a tag of ours is named after; `undefined` for any other tag. */
export function commitOf(tag: string): string | undefined {
  return COMMIT_TAG.exec(tag)?.groups?.['commit'];
}

/**
 * Why there is no image of a commit, such as that of a version tag that somebody pushed: which of the commits before it have one, and
 * whether the default branch has it at all.
 *
 * @throws PlimsollError what the registry throws
 */
export async function unbuiltCommit(
  commit: string,
  source: Pick<Repository, 'label' | 'tags'>,
  history: CommitHistory,
): Promise<PlimsollError> {
  const built = new Set((await source.tags()).flatMap((tag) => commitOf(tag) ?? []));
  const { defaultBranch, onDefaultBranch } = history;
  const elsewhere = onDefaultBranch === false ? ` The commit is not on ${defaultBranch}.` : '';
  const message = `${source.label} has no image for sha-${commit}: ${whichHave(built, history.before)}.${elsewhere}`;
  return new PlimsollError('commit-unbuilt', message, {
    hint:
      onDefaultBranch === false
        ? `Merge it into ${defaultBranch}, let its image be published there, and put the tag on the commit that the branch then has.`
        : 'Run this job again when the run that publishes the image of this commit has ended, or put the tag on a commit that has one.',
  });
}

function whichHave(built: ReadonlySet<string>, before: readonly string[] | undefined): string {
  if (built.size === 0) return 'no commit has one';
  const nearest = (before ?? [...built].toReversed()).filter((commit) => built.has(commit)).slice(0, SHOWN);
  if (nearest.length === 0) return `none of the ${before?.length ?? 0} commits up to it has one`;
  const shown = nearest.map((commit) => `sha-${commit}`).join(', ');
  return before === undefined ? `these commits have one: ${shown}` : `these commits before it have one: ${shown}`;
}
