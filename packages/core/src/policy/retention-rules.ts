import { accessorySubject } from '../oci/accessory-tag.ts';
import type { Digest } from '../oci/digest.ts';
import { compareReleases, releaseOf } from './release.ts';
import type { Channel, RetentionPolicy } from './retention.ts';
import { matchingPattern, type TagPattern } from './tag-pattern.ts';

/** One version of a container package, as GitHub lists it. */
export interface PackageVersion {
  readonly id: number;
  readonly digest: Digest;
  /** Milliseconds since 1970 of the digest's first push; moving a tag does not change it. */
  readonly createdAt: number;
  readonly tags: readonly string[];
}

/**
 * What the policy alone says of a version.
 * - `keep`: a root; everything it needs is kept with it.
 * - `doom`: goes unless something that is kept needs it.
 * - `follow`: evidence under an accessory tag; it lives and goes with its subject and is never counted.
 */
export interface Verdict {
  readonly is: 'keep' | 'doom' | 'follow';
  /** The rule that decided, such as `dev/last-15`, `protect/latest` or `untagged/expired`. */
  readonly rule: string;
}

export interface Judgement {
  readonly verdicts: ReadonlyMap<number, Verdict>;
  /** Rules that matched nothing, and timestamps that cannot be right. */
  readonly notes: readonly string[];
}

interface Claim {
  readonly version: PackageVersion;
  readonly channel: Channel;
  readonly tags: readonly { readonly tag: string; readonly pattern: TagPattern }[];
  /** The channel of this claim is the first of all the version's channels, so it takes one of its places. */
  readonly home: boolean;
}

const CLOCK_TOLERANCE = 3_600_000;

/** Applies the policy to every version; pure. `now` in milliseconds since 1970. */
export function judgeVersions(versions: readonly PackageVersion[], policy: RetentionPolicy, now: number): Judgement {
  const verdicts = new Map<number, Verdict>();
  const ambiguous = ambiguousVersions(versions);
  const claims = new Map<Channel, Claim[]>(policy.channels.map((channel) => [channel, []]));
  for (const version of versions) {
    const kept = ambiguous.has(version.id) ? 'listing/ambiguous' : protection(version, policy);
    if (kept !== undefined) verdicts.set(version.id, { is: 'keep', rule: kept });
    for (const claim of claimsOf(version, policy)) claims.get(claim.channel)?.push(claim);
  }
  for (const [channel, members] of claims) judgeChannel({ channel, members, now }, verdicts);
  for (const version of versions) {
    if (!verdicts.has(version.id)) verdicts.set(version.id, withoutChannel(version, policy, now));
  }
  return { verdicts, notes: [...unmatchedRules(versions, policy, claims), ...futureVersions(versions, now)] };
}

/** Newest first; the id decides between two of the same second. */
export function newestFirst(a: PackageVersion, b: PackageVersion): number {
  return b.createdAt - a.createdAt || b.id - a.id;
}

/** A digest under two ids, or a tag on two versions: the listing is between two states, so neither may go. */
function ambiguousVersions(versions: readonly PackageVersion[]): ReadonlySet<number> {
  const seen = new Map<string, number>();
  const ambiguous = new Set<number>();
  for (const version of versions) {
    for (const key of [version.digest, ...version.tags]) {
      const other = seen.get(key);
      if (other !== undefined && other !== version.id) ambiguous.add(other).add(version.id);
      seen.set(key, version.id);
    }
  }
  return ambiguous;
}

function protection(version: PackageVersion, policy: RetentionPolicy): string | undefined {
  if (policy.protectDigests.includes(version.digest)) return 'protect/digest';
  for (const tag of version.tags) {
    const pattern = matchingPattern(policy.protectTags, tag);
    if (pattern !== undefined) return `protect/${pattern.text}`;
    if (accessorySubject(tag) === undefined && channelOf(tag, policy) === undefined) return 'no-channel';
  }
  return undefined;
}

function channelOf(tag: string, policy: RetentionPolicy): { channel: Channel; pattern: TagPattern } | undefined {
  for (const channel of policy.channels) {
    const pattern = matchingPattern(channel.match, tag);
    if (pattern !== undefined) return { channel, pattern };
  }
  return undefined;
}

function claimsOf(version: PackageVersion, policy: RetentionPolicy): Claim[] {
  const found = new Map<Channel, { tag: string; pattern: TagPattern }[]>();
  for (const tag of version.tags) {
    const match = accessorySubject(tag) === undefined ? channelOf(tag, policy) : undefined;
    if (match === undefined) continue;
    found.set(match.channel, [...(found.get(match.channel) ?? []), { tag, pattern: match.pattern }]);
  }
  const home = policy.channels.find((channel) => found.has(channel));
  return [...found].map(([channel, tags]) => ({ version, channel, tags, home: channel === home }));
}

interface ChannelCase {
  readonly channel: Channel;
  readonly members: readonly Claim[];
  readonly now: number;
}

/** A version stays when any of its tags stays, and takes a place only in its first channel. */
function judgeChannel({ channel, members, now }: ChannelCase, verdicts: Map<number, Verdict>): void {
  const leaders = releaseLeaders(channel, members);
  let places = 0;
  for (const claim of members.toSorted((a, b) => newestFirst(a.version, b.version))) {
    const rule = keepingRule(claim, { places, leaders, now });
    if (claim.home) places += 1;
    const before = verdicts.get(claim.version.id);
    if (before?.is === 'keep') continue;
    if (rule !== undefined) verdicts.set(claim.version.id, { is: 'keep', rule: `${channel.name}/${rule}` });
    else if (before === undefined) verdicts.set(claim.version.id, { is: 'doom', rule: `${channel.name}/expired` });
  }
}

interface Standing {
  readonly places: number;
  readonly leaders: ReadonlySet<number>;
  readonly now: number;
}

function keepingRule(claim: Claim, { places, leaders, now }: Standing): string | undefined {
  const { keep } = claim.channel;
  if (keep.all) return 'all';
  if (leaders.has(claim.version.id)) return `semver-${keep.semver}`;
  if (places < keep.last) return `last-${keep.last}`;
  if (keep.youngerThan !== undefined && now - claim.version.createdAt < keep.youngerThan) return 'younger-than';
  // Digest age says nothing of when a single moving tag was set, so a count or an age never takes it.
  if (claim.tags.some((one) => one.pattern.literal) && (keep.last > 0 || keep.youngerThan !== undefined))
    return 'pointer';
  return undefined;
}

/** The versions that the `semver` rule keeps: all releases, or the highest of each line. */
function releaseLeaders(channel: Channel, members: readonly Claim[]): ReadonlySet<number> {
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

/** Only untagged versions and pure evidence get here. */
function withoutChannel(version: PackageVersion, policy: RetentionPolicy, now: number): Verdict {
  if (version.tags.length > 0) return { is: 'follow', rule: 'evidence/follows-subject' };
  if (policy.untaggedAfter === undefined) return { is: 'keep', rule: 'untagged/never' };
  if (now - version.createdAt < policy.untaggedAfter) return { is: 'keep', rule: 'untagged/young' };
  return { is: 'doom', rule: 'untagged/expired' };
}

function unmatchedRules(
  versions: readonly PackageVersion[],
  policy: RetentionPolicy,
  claims: ReadonlyMap<Channel, readonly Claim[]>,
): string[] {
  const tags = versions.flatMap((version) => version.tags);
  const digests = new Set(versions.map((version) => version.digest));
  const idle = policy.written.channels ? policy.channels.filter((channel) => claims.get(channel)?.length === 0) : [];
  const protects = policy.protectTags.filter(
    (pattern) => policy.written.protectTags.has(pattern.text) && !pattern.negated && !tags.some(pattern.test),
  );
  return [
    ...idle.map((channel) => `channel "${channel.name}" matches no tag`),
    ...protects.map((pattern) => `protect.tags "${pattern.text}" matches no tag`),
    ...policy.protectDigests
      .filter((digest) => !digests.has(digest))
      .map((digest) => `protect.digests: ${digest} is not in the package`),
  ];
}

function futureVersions(versions: readonly PackageVersion[], now: number): string[] {
  const future = versions.filter((version) => version.createdAt > now + CLOCK_TOLERANCE).length;
  return future === 0 ? [] : [`${future} versions were created in the future; is the clock of this machine right?`];
}
