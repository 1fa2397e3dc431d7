import { PlimsollError } from '../runtime/errors.ts';
import { classifyTag, type TagRules } from '../policy/tags.ts';
import { type EntryTags, entryTags, type WantedTag } from './entry-tags.ts';
import { channelTag } from './channel-tag.ts';
import { eventTags } from './event-tags.ts';
import type { TagSource } from './expressions.ts';
import { parseFlavor } from './flavor.ts';
import type { RuledTag } from './highest.ts';
import { parseTagEntries } from './tag-entry.ts';
import { refuseFalseNames, refuseImmutableChannel, refuseReservedBranch, requireVersionTag } from './tag-guards.ts';
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
  const { tags: called, warnings } = calledFor(source, inputs, rules);
  const wanted = called.filter(({ tag }) => tag !== commit);
  refuseCollisions(wanted);
  const unique = uniqueTags(wanted);
  const named = unique.map((each) => imageTag(each, rules));
  const own: ImageTag = { name: commit, class: 'immutable', source: 'commit' };
  if (isPullRequest(source)) {
    const version = `pr-${pullRequestName(source)}`;
    const unpushed = [...new Set([version, ...named.map(({ name }) => name)])];
    return { commit, version, tags: [own], unpushed, warnings };
  }
  refuseFalseNames(source, wanted, rules);
  const version = called[0]?.tag ?? commit;
  if (source.rebuild === undefined) return { commit, version, tags: [own, ...named], unpushed: [], warnings };
  const isHeld = ({ name, class: kind }: ImageTag) => kind === 'immutable' && !ofToday(unique, name);
  const unpushed = named.filter(isHeld).map(({ name }) => name);
  return { commit, version, tags: [own, ...named.filter((tag) => !isHeld(tag))], unpushed, warnings };
}

/** Immutable tags belong to the image that was built first, but for those of the day on which it is built once more. */
function ofToday(wanted: readonly WantedTag[], name: string): boolean {
  return wanted.some(({ tag, of }) => tag === name && of === 'date');
}

type Called = Pick<EntryTags, 'tags' | 'warnings'>;

function calledFor(source: TagSource, inputs: TagInputs, rules: TagRules): Called {
  const { tags, channel } = inputs;
  const given = tags.length > 0;
  const found = given ? withEntries(source, inputs) : withoutEntries(source, inputs);
  // Whoever lists tags wants those; a channel is added to them only when it is asked for.
  const { tag, warning } = given && channel === undefined ? {} : channelTag(source, channel);
  if (tag !== undefined) refuseImmutableChannel(tag, rules);
  return {
    tags: tag === undefined ? found.tags : [...found.tags, tag],
    warnings: warning === undefined ? found.warnings : [...found.warnings, warning],
  };
}

function withEntries(source: TagSource, { tags, flavor = [] }: TagInputs): EntryTags {
  const found = entryTags(parseTagEntries(tags), parseFlavor(flavor), source);
  if (source.refType === 'tag') requireVersionTag(found, source);
  return found;
}

function withoutEntries(source: TagSource, { flavor = [], channel }: TagInputs): Called {
  if (flavor.length === 0) {
    const tags = eventTags(source);
    for (const tag of tags) refuseReservedBranch(source, tag, channel);
    return { tags, warnings: [] };
  }
  throw new PlimsollError('input-conflict', 'The input "flavor" changes entries of "tags", and there are none', {
    hint: 'Write the entries under "tags:", such as `type=semver,pattern={{version}}`, or leave "flavor" out.',
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

function noCommit(sha: string): PlimsollError {
  return new PlimsollError('event-invalid', `The commit is "${sha.slice(0, 80)}", not a full commit`, {
    hint: 'Run in a repository with at least one commit; under act, commit first. The input "sha" takes 40 digits.',
  });
}
