import { type Digest, digestOf, isDigest } from '../oci/digest.ts';
import { parseDuration } from './duration.ts';
import type { ChannelRule, RetentionSection } from './retention-section.ts';
import { compileTagPattern, type TagPattern } from './tag-pattern.ts';

export interface Keep {
  readonly all: boolean;
  readonly last: number;
  /** Milliseconds. */
  readonly youngerThan?: number;
  readonly semver?: 'all' | 'newest-per-minor' | 'newest-per-major';
  /** With `semver`, also releases that were pushed after the higher one. */
  readonly youngerThanReplacement: boolean;
  readonly while?: 'pull-request-open' | 'branch-exists';
}

export interface Channel {
  readonly name: string;
  readonly match: readonly TagPattern[];
  readonly keep: Keep;
  /** Its own rule says that none of it need be kept. */
  readonly mayBeEmpty: boolean;
}

export interface Guards {
  readonly maxDeletes: number;
  /** Of all versions of the package. */
  readonly maxPercent: number;
  /** Versions that a channel keeps at least. */
  readonly minSurvivors: number;
}

/** Files at refs. */
export interface GitPins {
  /** `owner/name`; the repository of the run when absent. */
  readonly repository?: string;
  readonly refs: readonly string[];
  readonly files: readonly string[];
}

/** Where else it is written which versions are in use. */
export interface ProtectionSources {
  /** Paths and globs in the workspace. */
  readonly files: readonly string[];
  /** Names of environments on GitHub, with the number of successful deployments to keep of each. */
  readonly deployments: readonly { readonly environment: string; readonly keep: number }[];
  /** `registry/repository`. */
  readonly registries: readonly string[];
  /** `registry/repository`: where that is which the evidence of this package is about. */
  readonly evidenceOf: readonly string[];
  /** Paths with wildcards, at refs of this or another repository. */
  readonly git: readonly GitPins[];
  /** Of each of these tags, how many digests it had before; by the promotion records. */
  readonly history: { readonly keep: number; readonly tags: readonly TagPattern[] };
}

/** What holds for one package, compiled. */
export interface RetentionPolicy {
  readonly channels: readonly Channel[];
  /** Milliseconds after which an untagged version that nothing needs may go; `undefined` is never. */
  readonly untaggedAfter: number | undefined;
  readonly protectTags: readonly TagPattern[];
  readonly protectDigests: readonly Digest[];
  readonly sources: ProtectionSources;
  readonly guards: Guards;
  /** Over the rules in effect, guards left out: raising a guard does not make another policy. */
  readonly digest: Digest;
  /** Written by the user, so that a rule which matches nothing is worth a warning. */
  readonly written: { readonly channels: boolean; readonly protectTags: ReadonlySet<string> };
}

/** Names that people use for "whatever is current"; the age of a digest says nothing of when such a tag was set. */
export const POINTER_TAGS = ['latest', 'stable', 'edge', 'main', 'master', 'prod', 'production', 'staging'] as const;

/** The tag under which prune writes down that a plan of the package was shown; always kept. */
export const PRUNE_RECORD = 'plimsoll-prune';

const DEPLOYMENTS_KEPT = 3;
const HISTORY_KEPT = 5;

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

/** Where build caches of pull requests are tags beside the images; only when they are to be cleaned. */
export const BUILD_CACHES: ChannelRule = {
  name: 'build-cache',
  match: ['buildcache-pr-*', 'buildcache-pull-*'],
  keep: { while: 'pull-request-open' },
};

export const DEFAULT_GUARDS: Guards = { maxDeletes: 500, maxPercent: 50, minSurvivors: 1 };

/**
 * The rules of one package: defaults, overlaid by the section, overlaid by the first `packages` entry that matches.
 * @param packageName `owner/name`, lower case
 */
export function resolveRetention(
  section: RetentionSection | undefined,
  packageName: string,
  { cleanBuildCaches = false }: { readonly cleanBuildCaches?: boolean } = {},
): RetentionPolicy {
  const { packages, ...base } = section ?? {};
  const own = packages?.find((entry) => entry.match.some((glob) => globMatches(glob, packageName)));
  const chosen = { ...base, ...own };
  // Protection only ever adds up: an entry for one package cannot lose what the section protects.
  const writtenTags = [...(base.protect?.tags ?? []), ...(own?.protect?.tags ?? [])];
  const effective = {
    channels: [...(cleanBuildCaches ? [BUILD_CACHES] : []), ...(chosen.channels ?? DEFAULT_CHANNELS)],
    untagged: chosen.untagged?.['delete-after'] ?? '2d',
    protectTags: [...POINTER_TAGS, ...writtenTags],
    protectDigests: [...(base.protect?.digests ?? []), ...(own?.protect?.digests ?? [])].filter(isDigest),
    sources: sourcesOf(base, own),
  };
  return {
    channels: effective.channels.map(compileChannel),
    untaggedAfter: effective.untagged === 'never' ? undefined : parseDuration(effective.untagged),
    protectTags: effective.protectTags.map(compileTagPattern),
    protectDigests: effective.protectDigests,
    sources: effective.sources,
    guards: {
      maxDeletes: chosen.guards?.['max-deletes'] ?? DEFAULT_GUARDS.maxDeletes,
      maxPercent: chosen.guards?.['max-percent'] ?? DEFAULT_GUARDS.maxPercent,
      minSurvivors: chosen.guards?.['min-survivors'] ?? DEFAULT_GUARDS.minSurvivors,
    },
    digest: digestOf(Buffer.from(JSON.stringify(effective))),
    written: { channels: chosen.channels !== undefined, protectTags: new Set(writtenTags) },
  };
}

type Rules = Omit<RetentionSection, 'packages'>;

function sourcesOf(...levels: readonly (Rules | undefined)[]): ProtectionSources {
  const deployments = levels.flatMap((level) => level?.protect?.deployments ?? []);
  return {
    files: levels.flatMap((level) => level?.protect?.files ?? []),
    deployments: deployments.flatMap(({ environments, keep = DEPLOYMENTS_KEPT }) =>
      environments.map((environment) => ({ environment, keep })),
    ),
    registries: levels.flatMap((level) => level?.['protect-from'] ?? []),
    evidenceOf: levels.flatMap((level) => level?.['evidence-of'] ?? []),
    git: levels
      .flatMap((level) => level?.protect?.git ?? [])
      .map(({ repository, ...git }) => ({ ...git, ...(repository !== undefined && { repository }) })),
    history: historyOf(levels),
  };
}

/** Tags that are moved by hand or by promotion: those of everybody's naming, and those that a rule names as they are. */
function historyOf(levels: readonly (Rules | undefined)[]): ProtectionSources['history'] {
  const own = levels.findLast((level) => level?.protect?.history !== undefined)?.protect?.history;
  const channels = levels.findLast((level) => level?.channels !== undefined)?.channels ?? [];
  const named = [
    ...channels.flatMap(({ match }) => match),
    ...levels.flatMap((level) => level?.protect?.tags ?? []),
  ].map(compileTagPattern);
  const pointers = [...POINTER_TAGS.map(compileTagPattern), ...named.filter((one) => one.literal && !one.negated)];
  return { keep: own?.keep ?? HISTORY_KEPT, tags: own?.tags?.map(compileTagPattern) ?? pointers };
}

function compileChannel(rule: ChannelRule): Channel {
  const { name, match, keep } = rule;
  const mayBeEmpty = keep !== 'all' && (keep.last === 0 || keep.while !== undefined);
  return { name, match: match.map(compileTagPattern), keep: compileKeep(keep), mayBeEmpty };
}

function compileKeep(rule: ChannelRule['keep']): Keep {
  if (rule === 'all') return { all: true, last: 0, youngerThanReplacement: false };
  const youngerThan = rule['younger-than'] === undefined ? undefined : parseDuration(rule['younger-than']);
  return {
    all: false,
    last: rule.last ?? 0,
    ...(youngerThan !== undefined && { youngerThan }),
    ...(rule.semver !== undefined && { semver: rule.semver }),
    youngerThanReplacement: rule['younger-than-replacement'] === true,
    ...(rule.while !== undefined && { while: rule.while }),
  };
}

function globMatches(glob: string, text: string): boolean {
  const source = glob.replace(/[.]/g, '\\.').replace(/\*/g, '.*').replace(/\?/g, '.');
  return new RegExp(`^${source}$`).test(text);
}
