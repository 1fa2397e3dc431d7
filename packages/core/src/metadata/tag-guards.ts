import { PlimsollError } from '../runtime/errors.ts';
import { classifyTag, isCommitTag, type TagRules } from '../policy/tags.ts';
import type { EntryTags, WantedTag } from './entry-tags.ts';
import { branchOf, isDefaultBranch, type TagSource } from './expressions.ts';
import type { TagType } from './tag-entry.ts';

const OF_VERSIONS: ReadonlySet<TagType | undefined> = new Set<TagType>(['semver', 'pep440', 'match']);
/** `1`, `v1.2`: where people look for the newest of a line. */
const VERSION_LINE = /^v?\d+(?:\.\d+)?$/;

/**
 * A release that lost its version tag because an entry did not understand the git tag is found too late otherwise.
 * @throws PlimsollError `input-invalid`
 */
export function requireVersionTag({ tags, warnings, refused }: EntryTags, { refName }: TagSource): void {
  const asked = refused.some((type) => OF_VERSIONS.has(type));
  const got = tags.some(({ type }) => OF_VERSIONS.has(type) || type === 'ref');
  if (!asked || got) return;
  throw invalid(
    `The git tag "${refName}" gives none of the version tags: ${warnings[0]}`,
    'Correct the pattern, or add `type=ref,event=tag` for git tags that are no versions.',
  );
}

/**
 * A branch called `v1.2.3` would write a tag that everybody takes for a release, and a git tag called `sha-<commit>` one
 * by which another commit is found.
 *
 * @throws PlimsollError `input-invalid`
 */
export function refuseFalseNames(source: TagSource, wanted: readonly WantedTag[], rules: TagRules): void {
  const branch = wanted.find(({ of, tag }) => of === 'branch' && classifyTag(tag, rules) === 'immutable');
  if (branch !== undefined && branchOf(source) !== undefined) {
    throw invalid(
      `The branch "${source.refName}" would write the immutable tag "${branch.tag}"`,
      'Name the tags in the input "tags", or list the tag under "tags: moving:" in the policy file.',
    );
  }
  const commit = wanted.find(({ tag }) => isCommitTag(tag) && tag !== `sha-${source.sha}`);
  if (commit === undefined) return;
  throw invalid(
    `"${commit.source}" gives the tag "${commit.tag}", and this image is of ${source.sha}`,
    'Give the git tag another name, or leave the entry out: the tag of the commit is always written.',
  );
}

/**
 * Tags of branches move with every push, and those that stand for releases and channels must not.
 * @param channel the input; a channel that was named leaves the names of the others free
 * @throws PlimsollError `input-invalid`
 */
export function refuseReservedBranch(source: TagSource, { tag, of }: WantedTag, channel: string | undefined): void {
  const channels = isDefaultBranch(source) ? ['prod'] : ['dev', 'nightly', 'prod'];
  const isChannel = channel === undefined && channels.includes(tag);
  if (of !== 'branch' || !(isChannel || tag === 'latest' || VERSION_LINE.test(tag))) return;
  throw invalid(
    `The branch "${source.refName}" would write the tag "${tag}", which stands for ${isChannel ? 'a channel' : 'releases'}`,
    isChannel
      ? 'Write "channel: none" or the name of another channel, or "tags: type=ref,event=branch" where that is meant.'
      : 'Write "tags: type=ref,event=branch,prefix=branch-", or without the prefix where that is meant.',
  );
}

/** @throws PlimsollError `input-invalid` for a channel that would never move again */
export function refuseImmutableChannel({ tag }: WantedTag, rules: TagRules): void {
  if (classifyTag(tag, rules) === 'moving') return;
  throw invalid(
    `The input "channel" has "${tag}", which is immutable`,
    'Name a tag that moves, such as "edge". A version goes under "tags:".',
  );
}

function invalid(message: string, hint: string): PlimsollError {
  return new PlimsollError('input-invalid', message, { hint });
}
