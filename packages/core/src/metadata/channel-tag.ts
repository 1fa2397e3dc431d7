import type { WantedTag } from './entry-tags.ts';
import { isDefaultBranch, type TagSource } from './expressions.ts';
import { stableVersion, standingOf } from './git-tag.ts';
import { tagNamed } from './tag-name.ts';
import { isPullRequest } from './tag-types.ts';

/** A channel, or why one that was asked for stays where it is; neither where the event has none. */
export interface ChannelTag {
  readonly tag?: WantedTag | undefined;
  readonly warning?: string;
}

/**
 * The channel that an event publishes to, one more moving tag. On a version tag it moves for the highest stable version
 * alone, whoever named it.
 *
 * @param given the `channel` input: empty for the event's, `none` for none
 */
export function channelTag(source: TagSource, given: string | undefined): ChannelTag {
  if (given === 'none' || isPullRequest(source) || source.eventName === 'merge_group') return {};
  if (given !== undefined) return source.refType === 'tag' ? ofGitTag(given, source.refName) : { tag: channel(given) };
  if (source.eventName === 'schedule') return isDefaultBranch(source) ? { tag: channel('nightly') } : {};
  if (source.refType === 'branch') return isDefaultBranch(source) ? { tag: channel('dev') } : {};
  const version = source.refType === 'tag' ? stableVersion(source.refName) : undefined;
  return version === undefined ? {} : { tag: channel('prod', version) };
}

/** A git tag that is no version has no order in which one could be the highest. */
function ofGitTag(given: string, gitTag: string): ChannelTag {
  const standing = standingOf(gitTag);
  if (standing === 'pre-release') {
    return {
      warning: `channel=${given}: ${gitTag} is a pre-release; write "type=raw,value=${given}" under "tags:" where it is to move`,
    };
  }
  return { tag: channel(given, standing?.version) };
}

function channel(name: string, version?: string): WantedTag {
  const highest = version === undefined ? undefined : { version, line: '', prefix: '', suffix: '' };
  return { ...tagNamed(name), source: 'channel', highest };
}
