import * as v from 'valibot';
import { digestOf, isDigest, type Digest } from '../oci/digest.ts';
import { parseDuration } from './duration.ts';
import { compileTagPattern, type TagPattern } from './tag-pattern.ts';

const duration = v.pipe(
  v.string(),
  v.check((text) => parseDuration(text) !== undefined, 'write a whole number and s, m, h, d or w, such as 12h or 2d'),
  v.description('A whole number and s, m, h, d or w, such as 12h or 2d.'),
);

const tagPattern = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    try {
      compileTagPattern(dataset.value);
    } catch (error) {
      addIssue({ message: `"${dataset.value}" is not a tag pattern: ${(error as Error).message}` });
    }
  }),
  v.description('A tag, a glob, /a regular expression/ or semver:RANGE; ! before it takes matches away.'),
);

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const keep = v.union([
  v.literal('all'),
  v.pipe(
    v.strictObject({
      last: v.optional(v.pipe(count, v.description('The newest N versions of the channel.'))),
      'younger-than': v.optional(duration),
      semver: v.optional(v.picklist(['all', 'newest-per-minor', 'newest-per-major'])),
    }),
    v.check((given) => Object.keys(given).length > 0, 'say what to keep: last, younger-than, semver or all'),
  ),
]);

const channel = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'use lower-case letters, digits and dashes')),
  match: v.pipe(v.array(tagPattern), v.minLength(1)),
  keep,
});

const rules = {
  channels: v.optional(
    v.pipe(
      v.array(channel),
      v.minLength(1),
      v.check((all) => new Set(all.map((one) => one.name)).size === all.length, 'two channels have the same name'),
      v.description('A tag belongs to the first channel that matches it; a tag of no channel is kept.'),
    ),
  ),
  untagged: v.optional(v.strictObject({ 'delete-after': v.union([v.literal('never'), duration]) })),
  protect: v.optional(
    v.strictObject({
      tags: v.optional(v.array(tagPattern)),
      digests: v.optional(v.array(v.pipe(v.string(), v.check(isDigest, 'not a sha256: digest')))),
    }),
  ),
  guards: v.optional(
    v.strictObject({
      'max-deletes': v.optional(count),
      'max-percent': v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(100))),
    }),
  ),
};

/** The `retention:` section of the policy file. `packages` overrides single keys for the packages it matches. */
export const retentionSection = v.strictObject({
  ...rules,
  packages: v.optional(
    v.array(
      v.strictObject({
        match: v.pipe(v.array(v.pipe(v.string(), v.regex(/^[a-z0-9._/*?-]+$/))), v.minLength(1)),
        ...rules,
      }),
    ),
  ),
});

export type RetentionSection = v.InferOutput<typeof retentionSection>;
type ChannelRule = v.InferOutput<typeof channel>;

export interface Keep {
  readonly all: boolean;
  readonly last: number;
  /** Milliseconds. */
  readonly youngerThan?: number;
  readonly semver?: 'all' | 'newest-per-minor' | 'newest-per-major';
}

export interface Channel {
  readonly name: string;
  readonly match: readonly TagPattern[];
  readonly keep: Keep;
}

export interface Guards {
  readonly maxDeletes: number;
  /** Of all versions of the package. */
  readonly maxPercent: number;
}

/** What holds for one package, compiled. */
export interface RetentionPolicy {
  readonly channels: readonly Channel[];
  /** Milliseconds after which an untagged version that nothing needs may go; `undefined` is never. */
  readonly untaggedAfter: number | undefined;
  readonly protectTags: readonly TagPattern[];
  readonly protectDigests: readonly Digest[];
  readonly guards: Guards;
  /** Over the rules in effect, guards left out: raising a guard does not make another policy. */
  readonly digest: Digest;
  /** Written by the user, so that a rule which matches nothing is worth a warning. */
  readonly written: { readonly channels: boolean; readonly protectTags: ReadonlySet<string> };
}

/** Names that people use for "whatever is current"; the age of a digest says nothing of when such a tag was set. */
export const POINTER_TAGS = ['latest', 'stable', 'edge', 'main', 'master', 'prod', 'production', 'staging'] as const;

const THROWAWAY = ['sha-*', 'dev-*', 'pr-*'];
const NIGHTLY = ['nightly', 'nightly-*'];

/** What holds without a policy file. A version that carries only sha-, dev- and pr- tags is a dev version. */
export const DEFAULT_CHANNELS: readonly ChannelRule[] = [
  {
    name: 'prod',
    match: ['*', ...[...NIGHTLY, ...THROWAWAY].map((pattern) => `!${pattern}`)],
    keep: { semver: 'all', last: 30 },
  },
  { name: 'nightly', match: NIGHTLY, keep: { last: 15 } },
  { name: 'dev', match: THROWAWAY, keep: { last: 15 } },
];

export const DEFAULT_GUARDS: Guards = { maxDeletes: 500, maxPercent: 50 };

/**
 * The rules of one package: defaults, overlaid by the section, overlaid by the first `packages` entry that matches.
 * @param packageName `owner/name`, lower case
 */
export function resolveRetention(section: RetentionSection | undefined, packageName: string): RetentionPolicy {
  const { packages, ...base } = section ?? {};
  const own = packages?.find((entry) => entry.match.some((glob) => globMatches(glob, packageName)));
  const chosen = { ...base, ...own };
  // Protection only ever adds up: an entry for one package cannot lose what the section protects.
  const writtenTags = [...(base.protect?.tags ?? []), ...(own?.protect?.tags ?? [])];
  const effective = {
    channels: chosen.channels ?? DEFAULT_CHANNELS,
    untagged: chosen.untagged?.['delete-after'] ?? '2d',
    protectTags: [...POINTER_TAGS, ...writtenTags],
    protectDigests: [...(base.protect?.digests ?? []), ...(own?.protect?.digests ?? [])].filter(isDigest),
  };
  return {
    channels: effective.channels.map(compileChannel),
    untaggedAfter: effective.untagged === 'never' ? undefined : parseDuration(effective.untagged),
    protectTags: effective.protectTags.map(compileTagPattern),
    protectDigests: effective.protectDigests,
    guards: {
      maxDeletes: chosen.guards?.['max-deletes'] ?? DEFAULT_GUARDS.maxDeletes,
      maxPercent: chosen.guards?.['max-percent'] ?? DEFAULT_GUARDS.maxPercent,
    },
    digest: digestOf(Buffer.from(JSON.stringify(effective))),
    written: { channels: chosen.channels !== undefined, protectTags: new Set(writtenTags) },
  };
}

function compileChannel(rule: ChannelRule): Channel {
  return { name: rule.name, match: rule.match.map(compileTagPattern), keep: compileKeep(rule.keep) };
}

function compileKeep(rule: ChannelRule['keep']): Keep {
  if (rule === 'all') return { all: true, last: 0 };
  const youngerThan = rule['younger-than'] === undefined ? undefined : parseDuration(rule['younger-than']);
  return {
    all: false,
    last: rule.last ?? 0,
    ...(youngerThan !== undefined && { youngerThan }),
    ...(rule.semver !== undefined && { semver: rule.semver }),
  };
}

function globMatches(glob: string, text: string): boolean {
  const source = glob.replace(/[.]/g, '\\.').replace(/\*/g, '.*').replace(/\?/g, '.');
  return new RegExp(`^${source}$`).test(text);
}
