import { accessorySubject } from '../oci/accessory-tag.ts';
import { type Channel, PRUNE_RECORD, type RetentionPolicy } from './retention.ts';
import type { Claim, PackageVersion } from './retention-rules.ts';
import { matchingPattern, type TagPattern } from './tag-pattern.ts';

/** A digest under two ids, or a tag on two versions: the listing is between two states, so neither may go. */
export function ambiguousVersions(versions: readonly PackageVersion[]): ReadonlySet<number> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const version of versions) {
    for (const key of keysOf(version)) {
      if (seen.has(key)) twice.add(key);
      seen.add(key);
    }
  }
  const holders = twice.size === 0 ? [] : versions.filter((version) => keysOf(version).some((key) => twice.has(key)));
  return new Set(holders.map((version) => version.id));
}

function keysOf({ digest, tags }: PackageVersion): readonly string[] {
  return tags.length === 0 ? [digest] : [digest, ...new Set(tags)];
}

/** What the policy says of one tag. */
export interface ReadTag {
  readonly tag: string;
  readonly protect: TagPattern | undefined;
  /** Of a signature or another accessory, which has no channel. */
  readonly accessory: boolean;
  readonly place: { readonly channel: Channel; readonly pattern: TagPattern } | undefined;
}

export function readTag(tag: string, policy: RetentionPolicy): ReadTag {
  const accessory = accessorySubject(tag) !== undefined;
  const protect = matchingPattern(policy.protectTags, tag);
  return { tag, protect, accessory, place: accessory ? undefined : channelOf(tag, policy) };
}

export function protection(
  version: PackageVersion,
  tags: readonly ReadTag[],
  policy: RetentionPolicy,
): string | undefined {
  if (policy.protectDigests.includes(version.digest)) return 'protect/digest';
  if (version.held !== undefined) return version.held;
  if (version.tags.includes(PRUNE_RECORD)) return 'plimsoll/record';
  for (const { protect, accessory, place } of tags) {
    if (protect !== undefined) return `protect/${protect.text}`;
    if (!accessory && place === undefined) return 'no-channel';
  }
  return undefined;
}

function channelOf(tag: string, policy: RetentionPolicy): ReadTag['place'] {
  for (const channel of policy.channels) {
    const pattern = matchingPattern(channel.match, tag);
    if (pattern !== undefined) return { channel, pattern };
  }
  return undefined;
}

const NO_CLAIMS: readonly Claim[] = [];

export function claimsOf(version: PackageVersion, tags: readonly ReadTag[], policy: RetentionPolicy): readonly Claim[] {
  if (tags.length === 0) return NO_CLAIMS;
  const found = new Map<Channel, { tag: string; pattern: TagPattern }[]>();
  for (const { tag, place } of tags) {
    if (place === undefined || tag === PRUNE_RECORD) continue;
    const members = found.get(place.channel) ?? [];
    members.push({ tag, pattern: place.pattern });
    found.set(place.channel, members);
  }
  const home = policy.channels.find((channel) => found.has(channel));
  return [...found].map(([channel, members]) => ({ version, channel, tags: members, home: channel === home }));
}
