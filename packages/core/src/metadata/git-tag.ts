import { parse, type SemVer } from 'semver';
import { releaseOf } from '../policy/release.ts';
import { parsePep440 } from './pep440.ts';

/**
 * The version that a git tag names in three numbers, with or without a `v`. Build metadata does not make another
 * version (semver.org, section 10), and no tag of an image can hold it.
 */
export function releaseOfTag(text: string): SemVer | undefined {
  const bare = withoutBuild(text);
  return /^v?\d+\.\d+\.\d+(?:-|$)/.test(bare) ? releaseOf(bare) : undefined;
}

/** `1.2.3`, unless it is a pre-release or no version at all. */
export function stableVersion(text: string): string | undefined {
  const release = releaseOfTag(text);
  return release === undefined || release.prerelease.length > 0 ? undefined : release.version;
}

/** `v1.2.3` of `v1.2.3+build.5`. */
export function withoutBuild(text: string): string {
  return text.replace(/\+[0-9A-Za-z.-]+$/, '');
}

/** Whether a text ends in a version of three or more numbers, as `app/v1.2.3` and `1.2.3.post1` do: it names one release. */
export function namesRelease(text: string): boolean {
  const version = /(?:^|[/@_-])(v?\d+(?:\.\d+){2,}\S*)$/.exec(text)?.[1];
  return version !== undefined && (parse(version) !== null || parsePep440(version) !== undefined);
}

/**
 * How a git tag stands among releases: one before a release, a stable version in three numbers, or nothing that can be
 * compared. Python's versions count too, and so does `24.04`.
 */
export function standingOf(gitTag: string): 'pre-release' | { readonly version: string } | undefined {
  const release = releaseOf(withoutBuild(gitTag));
  if (release !== undefined) return release.prerelease.length > 0 ? 'pre-release' : { version: release.version };
  const python = parsePep440(gitTag);
  if (python === undefined) return undefined;
  if (python.early) return 'pre-release';
  const { major, minor, patch } = python;
  return python.version.includes('.') ? { version: `${major}.${minor}.${patch}` } : undefined;
}
