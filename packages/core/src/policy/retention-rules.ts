import type { Digest } from '../oci/digest.ts';
import { type Ephemera, isCurrent } from './ephemera.ts';
import { releaseLeaders } from './release-leaders.ts';
import { agelessVersions, futureVersions, unmatchedRules } from './retention-notes.ts';
import type { Channel, RetentionPolicy } from './retention.ts';
import { ambiguousVersions, claimsOf, protection, readTag } from './retention-claims.ts';
import type { TagPattern } from './tag-pattern.ts';

/** One version of a container package, as a registry lists it. */
export interface PackageVersion {
  /** GitHub's; elsewhere made from the digest. */
  readonly id: number;
  readonly digest: Digest;
  /** Milliseconds since 1970 of the digest's first push; moving a tag does not change it. */
  readonly createdAt: number;
  readonly tags: readonly string[];
  /** Nothing says when it was made: no count and no age can take it, and it takes no place of a count. */
  readonly ageless?: true;
  /** Not listed by the registry, only found from something else: it lives and goes with what it belongs to. */
  readonly part?: true;
  /** Why the registry itself will not delete it, as a rule. */
  readonly held?: string;
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
  /** By version id, the channel in which the version takes a place. */
  readonly homes: ReadonlyMap<number, string>;
  /** Rules that matched nothing, and timestamps that cannot be right. */
  readonly notes: readonly string[];
}

/** A version in a channel that one of its tags belongs to. */
export interface Claim {
  readonly version: PackageVersion;
  readonly channel: Channel;
  readonly tags: readonly { readonly tag: string; readonly pattern: TagPattern }[];
  /** The channel of this claim is the first of all the version's channels, so it takes one of its places. */
  readonly home: boolean;
}

/** What the policy is measured against. */
export interface Surroundings {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Without it, tags that are kept for a while only are kept. */
  readonly ephemera?: Ephemera | undefined;
}

/** Applies the policy to every version; pure. */
export function judgeVersions(
  versions: readonly PackageVersion[],
  policy: RetentionPolicy,
  surroundings: Surroundings,
): Judgement {
  const { now } = surroundings;
  const verdicts = new Map<number, Verdict>();
  const homes = new Map<number, string>();
  const claims = new Map<Channel, Claim[]>(policy.channels.map((channel) => [channel, []]));
  const ambiguous = ambiguousVersions(versions);
  const verdict = verdictsByRule();
  for (const version of versions) {
    const tags = version.tags.map((tag) => readTag(tag, policy));
    const kept = ambiguous.has(version.id) ? 'listing/ambiguous' : protection(version, tags, policy);
    if (kept !== undefined) verdicts.set(version.id, verdict('keep', kept));
    for (const claim of claimsOf(version, tags, policy)) {
      claims.get(claim.channel)?.push(claim);
      if (claim.home) homes.set(version.id, claim.channel.name);
    }
  }
  for (const [channel, members] of claims) judgeChannel({ channel, members, verdict, ...surroundings }, verdicts);
  for (const version of versions) {
    if (!verdicts.has(version.id)) verdicts.set(version.id, withoutChannel(version, { policy, now, verdict }));
  }
  const notes = [
    ...unmatchedRules(versions, policy, claims),
    ...agelessVersions(versions),
    ...futureVersions(versions, now),
  ];
  return { verdicts, homes, notes };
}

type MakeVerdict = (is: Verdict['is'], rule: string) => Verdict;

/** One object for each rule: most versions of a large package are judged by the same few. */
function verdictsByRule(): MakeVerdict {
  const known = new Map<string, Verdict>();
  return (is, rule) => {
    const found = known.get(`${is} ${rule}`) ?? { is, rule };
    known.set(`${is} ${rule}`, found);
    return found;
  };
}

/** Newest first; the id decides between two of the same second. */
export function newestFirst(a: PackageVersion, b: PackageVersion): number {
  return b.createdAt - a.createdAt || b.id - a.id;
}

interface ChannelCase extends Surroundings {
  readonly channel: Channel;
  readonly members: readonly Claim[];
  readonly verdict: MakeVerdict;
}

/** A version stays when any of its tags stays, and takes a place only in its first channel. */
function judgeChannel({ channel, members, verdict, now, ephemera }: ChannelCase, verdicts: Map<number, Verdict>): void {
  const leaders = releaseLeaders(channel, members);
  let places = 0;
  for (const claim of members.toSorted((a, b) => newestFirst(a.version, b.version))) {
    const rule = keepingRule(claim, { places, leaders, ephemera, now });
    if (claim.home && claim.version.ageless === undefined) places += 1;
    const before = verdicts.get(claim.version.id);
    if (before?.is === 'keep') continue;
    if (rule !== undefined) verdicts.set(claim.version.id, verdict('keep', `${channel.name}/${rule}`));
    else if (before === undefined) verdicts.set(claim.version.id, verdict('doom', `${channel.name}/expired`));
  }
}

interface Standing {
  readonly places: number;
  readonly leaders: ReadonlyMap<number, string>;
  readonly ephemera: Ephemera | undefined;
  readonly now: number;
}

function keepingRule(claim: Claim, { places, leaders, ephemera, now }: Standing): string | undefined {
  const { keep } = claim.channel;
  if (keep.all) return 'all';
  const timed = keep.last > 0 || keep.youngerThan !== undefined;
  if (claim.version.ageless !== undefined && timed) return 'age-unknown';
  const release = leaders.get(claim.version.id);
  if (release !== undefined) return release;
  if (places < keep.last) return `last-${keep.last}`;
  if (keep.youngerThan !== undefined && now - claim.version.createdAt < keep.youngerThan) return 'younger-than';
  const { while: kind } = keep;
  if (kind !== undefined && (ephemera === undefined || claim.tags.some(({ tag }) => isCurrent(tag, kind, ephemera))))
    return kind;
  // Digest age says nothing of when a single moving tag was set, so a count or an age never takes it.
  if (claim.tags.some((one) => one.pattern.literal) && timed) return 'pointer';
  return undefined;
}

interface Untagged {
  readonly policy: RetentionPolicy;
  readonly now: number;
  readonly verdict: MakeVerdict;
}

/** Only untagged versions and pure evidence get here. */
function withoutChannel(version: PackageVersion, { policy, now, verdict }: Untagged): Verdict {
  if (version.tags.length > 0) return verdict('follow', 'evidence/follows-subject');
  if (version.part !== undefined) return verdict('follow', 'part/of-another');
  if (policy.untaggedAfter === undefined) return verdict('keep', 'untagged/never');
  if (now - version.createdAt < policy.untaggedAfter) return verdict('keep', 'untagged/young');
  return verdict('doom', 'untagged/expired');
}
