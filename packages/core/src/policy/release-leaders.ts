import { compareReleases, releaseOf } from './release.ts';
import type { Channel } from './retention.ts';
import type { Claim } from './retention-rules.ts';

/** The versions that the `semver` rule keeps: all releases, or the highest of each line. */
export function releaseLeaders(channel: Channel, members: readonly Claim[]): ReadonlySet<number> {
  const mode = channel.keep.semver;
  if (mode === undefined) return new Set();
  const releases = members.flatMap(({ version, tags }) =>
    tags.flatMap(({ tag }) => {
      const release = releaseOf(tag);
      return release === undefined ? [] : [{ id: version.id, release }];
    }),
  );
  if (mode === 'all') return new Set(releases.map(({ id }) => id));
  const best = new Map<string, (typeof releases)[number]>();
  for (const one of releases) {
    const line = mode === 'newest-per-major' ? `${one.release.major}` : `${one.release.major}.${one.release.minor}`;
    const leader = best.get(line);
    if (leader === undefined || compareReleases(one.release, leader.release) > 0) best.set(line, one);
  }
  return new Set([...best.values()].map(({ id }) => id));
}
