import { compareReleases, releaseOf } from './release.ts';
import type { Channel } from './retention.ts';
import type { Claim } from './retention-rules.ts';

/** The versions that the `semver` rule keeps, by id, with the rule: all releases, or the highest of each line. */
export function releaseLeaders(channel: Channel, members: readonly Claim[]): ReadonlyMap<number, string> {
  const { semver: mode, youngerThanReplacement } = channel.keep;
  if (mode === undefined) return new Map();
  const releases = members.flatMap(({ version, tags }) =>
    tags.flatMap(({ tag }) => {
      const release = releaseOf(tag);
      return release === undefined ? [] : [{ version, release }];
    }),
  );
  if (mode === 'all') return new Map(releases.map(({ version }) => [version.id, 'semver-all']));
  const lineOf = ({ release }: (typeof releases)[number]) =>
    mode === 'newest-per-major' ? `${release.major}` : `${release.major}.${release.minor}`;
  const best = new Map<string, (typeof releases)[number]>();
  for (const one of releases) {
    const leader = best.get(lineOf(one));
    if (leader === undefined || compareReleases(one.release, leader.release) > 0) best.set(lineOf(one), one);
  }
  const kept = new Map([...best.values()].map(({ version }) => [version.id, `semver-${mode}`]));
  // A fix for an older line, pushed after the higher release, is in use by those who stay on that line.
  for (const one of youngerThanReplacement ? releases : []) {
    const replacement = best.get(lineOf(one))?.version;
    if (replacement !== undefined && one.version.createdAt > replacement.createdAt && !kept.has(one.version.id))
      kept.set(one.version.id, 'younger-than-replacement');
  }
  return kept;
}
