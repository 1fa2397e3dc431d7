import { SemVer } from 'semver';

/** `v1.2.3`, `1.2.3-rc.1`, and the two-part `24.04` that many base images release under. */
const RELEASE = /^v?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(-[0-9A-Za-z.-]+)?$/;

/**
 * The release a tag names, or `undefined` when it names none. One-part tags such as `1` are moving
 * pointers or dates, never releases. A missing patch number counts as zero; leading zeros are dropped.
 */
export function releaseOf(tag: string): SemVer | undefined {
  const parts = RELEASE.exec(tag);
  if (parts === null) return undefined;
  const [, major, minor, patch, pre] = parts;
  const text = `${Number(major)}.${Number(minor)}.${Number(patch ?? 0)}${pre ?? ''}`;
  try {
    return new SemVer(text);
  } catch {
    return undefined;
  }
}

/** Order by precedence (semver.org, section 11). */
export function compareReleases(a: SemVer, b: SemVer): number {
  return a.compare(b);
}
