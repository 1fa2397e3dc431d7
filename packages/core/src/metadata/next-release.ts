import type { SemVer } from 'semver';
import { releaseOf } from '../policy/release.ts';

/** Names that a version may stand in. */
export interface ReleaseNames {
  /** Tags of the checkout; none in a shallow one. */
  readonly git: readonly string[];
  /** Tags of the image. */
  readonly published: readonly string[];
}

/** The versions that this commit could be released as. */
export interface NextReleases {
  /** The highest stable version so far, as it is written; absent before the first. */
  readonly highest?: string;
  /** Names of git tags: the next patch and the next minor version, or the first version. */
  readonly next: readonly { readonly kind: 'patch' | 'minor' | 'first'; readonly tag: string }[];
}

/**
 * The versions that come next, in the spelling of the ones before: with or without a `v`. How git tags are written
 * counts before how images are tagged, because it is a git tag that is to be made. Pure.
 */
export function nextReleases({ git, published }: ReleaseNames): NextReleases {
  const [highest] = [...versions(git), ...versions(published)].toSorted((a, b) => b.version.compare(a.version));
  if (highest === undefined) return { next: [{ kind: 'first', tag: 'v0.1.0' }] };
  const { major, minor, patch } = highest.version;
  const prefix = spelling(versions(git), highest.version) ?? spelling(versions(published), highest.version) ?? 'v';
  return {
    highest: `${prefix}${highest.version.version}`,
    next: [
      { kind: 'patch', tag: `${prefix}${major}.${minor}.${patch + 1}` },
      { kind: 'minor', tag: `${prefix}${major}.${minor + 1}.0` },
    ],
  };
}

interface Named {
  readonly name: string;
  readonly version: SemVer;
}

/** Full stable versions: `1.2` and `1` move, and a pre-release is not what the next one is counted from. */
function versions(names: readonly string[]): readonly Named[] {
  return names.flatMap((name) => {
    const version = /^v?\d+\.\d+\.\d+$/.test(name) ? releaseOf(name) : undefined;
    return version === undefined ? [] : [{ name, version }];
  });
}

/** An image may have both `v1.2.3` and `1.2.3`; its git tag is then the one with the letter, which `1.2.3` comes from. */
function spelling(named: readonly Named[], version: SemVer): 'v' | '' | undefined {
  const same = named.filter((one) => one.version.compare(version) === 0);
  const all = same.length > 0 ? same : named;
  if (all.length === 0) return undefined;
  return all.some(({ name }) => name.startsWith('v')) ? 'v' : '';
}
