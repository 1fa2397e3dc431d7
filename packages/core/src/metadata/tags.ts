import { PlimsollError } from '../runtime/errors.ts';
import { classifyTag, type TagRules } from '../policy/tags.ts';
import { entryTags, type WantedTag } from './entry-tags.ts';
import { channelTag, eventTags } from './event-tags.ts';
import type { TagSource } from './expressions.ts';
import { parseFlavor } from './flavor.ts';
import type { RuledTag } from './highest.ts';
import { parseTagEntries } from './tag-entry.ts';
import { refuseCollisions } from './tag-name.ts';
import { isPullRequest, pullRequestName } from './tag-types.ts';

/** One tag of an image, and why it is there. */
export interface ImageTag extends RuledTag {
  /** The line of the input that called for it, or `version`, `branch`, `git tag`, `channel`, `commit`. */
  readonly source: string;
}

/** The tags of one image. */
export interface ImageTags {
  /**
   * `sha-<commit>`: immutable, always there, the name under which a later run finds the image again. One that is built
   * once more is `sha-<commit>-<run>-<attempt>`.
   */
  readonly commit: string;
  /** What a person calls this image: the version, the branch or the pull request. */
  readonly version: string;
  /** To be written when everything else is done; the commit tag first. */
  readonly tags: readonly ImageTag[];
  /** Computed for names and messages, but never written: a pull request moves no tag, a rebuild no version. */
  readonly unpushed: readonly string[];
  /** Entries that matched the event and still gave no tag. */
  readonly warnings: readonly string[];
}

/** The inputs that tags come from, as written. */
export interface TagInputs {
  /** Lines of `tags`. */
  readonly tags: readonly string[];
  /** Lines of `flavor`. */
  readonly flavor?: readonly string[] | undefined;
  readonly channel?: string | undefined;
}

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * Tags by the event, or by the entries of the `tags` input in their place; `sha-<commit>` is always added.
 * @throws PlimsollError `input-invalid` for syntax that is not supported, a tag that cannot be one, two names that
 *   become the same tag, or a version tag whose push gives none of the version tags asked for; `event-invalid`
 *   without a full commit
 */
export function imageTags(source: TagSource, inputs: TagInputs, rules: TagRules): ImageTags {
  if (!COMMIT.test(source.sha)) throw noCommit(source.sha);
  const commit = [`sha-${source.sha}`, source.rebuild].filter(Boolean).join('-');
  const { tags: called, warnings } = calledFor(source, inputs);
  const wanted = called.filter(({ tag }) => tag !== commit);
  refuseCollisions(wanted);
  const named = uniqueTags(wanted).map((each) => imageTag(each, rules));
  const own: ImageTag = { name: commit, class: 'immutable', source: 'commit' };
  if (isPullRequest(source)) {
    const version = `pr-${pullRequestName(source)}`;
    const unpushed = [...new Set([version, ...named.map(({ name }) => name)])];
    return { commit, version, tags: [own], unpushed, warnings };
  }
  refuseBranchAsVersion(source, named);
  const version = called[0]?.tag ?? commit;
  return { commit, version, ...withoutReleased(named, own, source), warnings };
}

/** Immutable tags belong to the image that was built first. */
function withoutReleased(named: readonly ImageTag[], own: ImageTag, { rebuild }: TagSource) {
  if (rebuild === undefined) return { tags: [own, ...named], unpushed: [] };
  const moving = named.filter((tag) => tag.class === 'moving');
  const unpushed = named.filter((tag) => tag.class === 'immutable').map(({ name }) => name);
  return { tags: [own, ...moving], unpushed };
}

interface CalledFor {
  readonly tags: readonly WantedTag[];
  readonly warnings: readonly string[];
}

function calledFor(source: TagSource, { tags, flavor = [], channel }: TagInputs): CalledFor {
  const given = tags.length > 0;
  const parsed = parseFlavor(flavor);
  const found = given ? entryTags(parseTagEntries(tags), parsed, source) : withoutEntries(source, flavor);
  if (given && source.refType === 'tag') requireVersionTag(found, source);
  // Whoever lists tags wants those; a channel is added to them only when it is asked for.
  const extra = given && channel === undefined ? undefined : channelTag(source, channel);
  return { tags: extra === undefined ? found.tags : [...found.tags, extra], warnings: found.warnings };
}

function withoutEntries(source: TagSource, flavor: readonly string[]): CalledFor {
  if (flavor.length === 0) return { tags: eventTags(source), warnings: [] };
  throw new PlimsollError('input-conflict', 'The input "flavor" changes entries of "tags", and there are none', {
    hint: 'Write the entries under "tags:", such as `type=semver,pattern={{version}}`, or leave "flavor" out.',
  });
}

/** A release that lost its version tag because an entry did not understand the git tag is found too late otherwise. */
function requireVersionTag({ tags, warnings }: CalledFor, { refName }: TagSource): void {
  const asked = warnings.some((line) => /\btype=(?:semver|pep440|match)\b/i.test(line));
  const got = tags.some(({ source }) => /\btype=(?:semver|pep440|match|ref)\b/i.test(source));
  if (!asked || got) return;
  throw new PlimsollError('input-invalid', `The git tag "${refName}" gives none of the version tags: ${warnings[0]}`, {
    hint: 'Correct the pattern, or add `type=ref,event=tag` for git tags that are no versions.',
  });
}

/** The first of equal names; it moves freely if any of them does, and names one release if all of them do. */
function uniqueTags(wanted: readonly WantedTag[]): readonly WantedTag[] {
  const unique = new Map<string, WantedTag>();
  for (const each of wanted) {
    const before = unique.get(each.tag);
    if (before === undefined) unique.set(each.tag, each);
    else unique.set(each.tag, { ...before, highest: each.highest && before.highest, of: sharedOf(before, each) });
  }
  return [...unique.values()];
}

function sharedOf(one: WantedTag, other: WantedTag): WantedTag['of'] {
  return one.of === other.of ? one.of : undefined;
}

function imageTag({ tag, source, highest, of }: WantedTag, rules: TagRules): ImageTag {
  const kind = classifyTag(tag, rules, of === 'release');
  // What is never moved needs no rule about when to move it.
  return { name: tag, class: kind, source, ...(highest === undefined || kind === 'immutable' ? {} : { highest }) };
}

/** A branch called `v1.2.3` would move a tag that everybody takes for a release. */
function refuseBranchAsVersion({ refType, refName }: TagSource, tags: readonly ImageTag[]): void {
  const taken = tags.find((tag) => tag.class === 'immutable' && (tag.source === 'branch' || isBranchEntry(tag)));
  if (refType !== 'branch' || taken === undefined) return;
  throw new PlimsollError('input-invalid', `The branch "${refName}" would write the immutable tag "${taken.name}"`, {
    hint: 'Name the tags in the input "tags", or list the tag under "tags: moving:" in the policy file.',
  });
}

const isBranchEntry = ({ source }: ImageTag) => /\btype=ref\b/i.test(source) && /\bevent=branch\b/.test(source);

function noCommit(sha: string): PlimsollError {
  return new PlimsollError('event-invalid', `The commit is "${sha.slice(0, 80)}", not a full commit`, {
    hint: 'Run in a repository with at least one commit; under act, commit first. The input "sha" takes 40 digits.',
  });
}
