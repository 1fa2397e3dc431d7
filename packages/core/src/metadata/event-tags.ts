import type { WantedTag } from './entry-tags.ts';
import type { TagSource } from './expressions.ts';
import { namesRelease, releaseOfTag, withoutBuild } from './git-tag.ts';
import { tagNamed } from './tag-name.ts';
import { isPullRequest } from './tag-types.ts';

/** Tags by the event, for an empty `tags` input. */
export function eventTags(source: TagSource): readonly WantedTag[] {
  // A merge queue's branch exists for minutes and is nobody's name for an image.
  if (isPullRequest(source) || source.eventName === 'merge_group') return [];
  if (source.refType === 'tag') return gitTagTags(source.refName);
  return source.refType === 'branch' ? [{ ...wanted(source.refName, 'branch'), of: 'branch' }] : [];
}

/**
 * `v1.2.3` gives itself, `1.2.3`, `1.2`, `1` and `latest`. A pre-release gives full versions only, and `0.2.1`
 * no `0`: below 1.0 a minor version may break (semver.org, section 4).
 */
function gitTagTags(gitTag: string): readonly WantedTag[] {
  const release = releaseOfTag(gitTag);
  if (release === undefined)
    return [{ ...wanted(gitTag, 'git tag'), of: namesRelease(gitTag) ? 'release' : undefined }];
  // With a dash in place of the plus, `1.2.3+5` would read as a pre-release.
  const named = withoutBuild(gitTag);
  const full = [named, named.replace(/^v/, '')].map((tag) => wanted(tag, 'version'));
  if (release.prerelease.length > 0) return full;
  const { major, minor, version } = release;
  const lines = [`${major}.${minor}`, ...(major > 0 ? [`${major}`] : []), ''];
  const moving = lines.map((line) => ({
    ...wanted(line === '' ? 'latest' : line, 'version'),
    highest: { version, line, prefix: '', suffix: '' },
  }));
  return [...full, ...moving];
}

/** Several names of one version are meant to be one tag where they are equal, so each stands for itself. */
function wanted(name: string, source: string): WantedTag {
  return { ...tagNamed(name), source };
}
