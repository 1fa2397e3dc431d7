import { eventTags } from '../../metadata/event-tags.ts';
import type { TagSource } from '../../metadata/expressions.ts';
import type { RuledTag } from '../../metadata/highest.ts';
import { classifyTag, type TagRules } from '../../policy/tags.ts';
import { PlimsollError } from '../../runtime/errors.ts';

/** Which tags a promotion is asked to write. */
export interface TagWishes {
  /** As they were given. */
  readonly names: readonly string[];
  /** Tags that move from release to release, such as `prod`. */
  readonly channels: readonly string[];
  /** A release by hand: the version, and what a build of its tag would get. */
  readonly version: string | undefined;
  /** Adds to each full version what a build of that version tag would get: `1.2.3`, `1.2`, `1`, `latest`. */
  readonly semver: boolean;
  /** Adds the full and the short tag of the commit. */
  readonly sha: boolean;
  /** The tag that names the image at the source, if it is named by one. */
  readonly sourceTag: string | undefined;
  /** Treats the first name as immutable even when it moves: that it points elsewhere stops the promotion. */
  readonly failIfExists: boolean;
}

const COMMIT_TAG = /^sha-([0-9a-f]{40}|[0-9a-f]{64})$/;
const FULL_VERSION = /^v?\d+\.\d+\.\d+(?:-[0-9A-Za-z._-]+)?$/;
const SHORT = 7;

/**
 * Every tag to write, each once, with its class.
 *
 * @param run - the run's context, for the rules that builds follow
 * @throws PlimsollError `input-conflict` when the commit is wanted and the source does not name it
 */
export function wantedTags(wishes: TagWishes, rules: TagRules, run: TagSource): readonly RuledTag[] {
  const given = wishes.names.map((name) => ({ name }));
  const versions = wishes.semver ? wishes.names.filter(isFullVersion) : [];
  const released = wishes.version === undefined ? [] : [wishes.version];
  const derived = [...released, ...versions].flatMap((name) => ofVersion(name, run));
  const channels = channelTags(wishes.channels, rules);
  const commit = wishes.sha ? ofCommit(wishes.sourceTag).map((name) => ({ name })) : [];
  // A tag that was written out moves because it was asked for, whatever versions there are.
  const unique = new Map([...derived, ...commit, ...given, ...channels].map((tag) => [tag.name, tag]));
  return [...unique.values()].map((tag) => ({
    ...tag,
    class: wishes.failIfExists && tag.name === wishes.names[0] ? 'immutable' : classifyTag(tag.name, rules),
  }));
}

/** @throws PlimsollError `input-invalid` for a tag that never moves, which cannot be a channel */
export function channelTags(names: readonly string[], rules: TagRules): readonly RuledTag[] {
  return names.map((name) => {
    if (classifyTag(name, rules) === 'moving') return { name, class: 'moving' };
    throw new PlimsollError('input-invalid', `The input "channel" has "${name}", which is immutable`, {
      hint: 'Name a tag that moves, such as "prod". A version goes under "version:" or "tags:".',
    });
  });
}

/** `1.2.3`, `v1.2.3-rc.1`. */
export function isFullVersion(name: string): boolean {
  return FULL_VERSION.test(name);
}

function ofVersion(name: string, run: TagSource): readonly Pick<RuledTag, 'name' | 'highest'>[] {
  const source = { ...run, eventName: 'push', refType: 'tag', refName: name, ref: `refs/tags/${name}` } as const;
  return eventTags(source).map(({ tag, highest }) => ({ name: tag, ...(highest === undefined ? {} : { highest }) }));
}

/** The short one moves: seven digits may come to name two commits. */
function ofCommit(sourceTag: string | undefined): readonly string[] {
  const commit = COMMIT_TAG.exec(sourceTag ?? '')?.[1];
  if (commit !== undefined) return [`sha-${commit}`, `sha-${commit.slice(0, SHORT)}`];
  throw new PlimsollError('input-conflict', '"include-sha-tags" needs a source that names the commit', {
    hint: 'Write the source as registry/repository:sha-<full commit>, which the build action wrote.',
  });
}
