import { compare, inc, parse } from 'semver';

/** What kind of release comes next; `auto` is a patch. */
export type ReleaseType = 'auto' | 'major' | 'minor' | 'patch';

export interface NextRelease {
  readonly type: ReleaseType;
  /** A candidate of the version, `-rc.1` and so on, and not the version itself. */
  readonly prerelease: boolean;
}

/**
 * The version after the highest stable one, `v1.3.0`, or the next candidate of it, `v1.3.0-rc.2`.
 * @param tags every tag of the repository; those that are no versions are left out, and without any it is counted from 0.0.0
 */
export function nextVersion(tags: readonly string[], { type, prerelease }: NextRelease): string {
  const versions = tags.flatMap((tag) => parse(tag) ?? []).toSorted(compare);
  const last = versions.findLast((version) => version.prerelease.length === 0)?.version ?? '0.0.0';
  const next = inc(last, type === 'auto' ? 'patch' : type) ?? last;
  if (!prerelease) return `v${next}`;
  const candidates = versions.flatMap(({ version, prerelease: [kind, number] }) =>
    version.startsWith(`${next}-`) && kind === 'rc' && typeof number === 'number' ? [number] : [],
  );
  return `v${next}-rc.${Math.max(0, ...candidates) + 1}`;
}
