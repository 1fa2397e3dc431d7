import path from 'node:path';
import { walk } from './tree-walk.ts';

/** What osv-scanner reads, by file name, and whose advisories it then needs. */
const ECOSYSTEMS: readonly (readonly [pattern: RegExp, ecosystem: string])[] = [
  [/^(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lock)$/, 'npm'],
  [/^go\.mod$/, 'Go'],
  [/^Cargo\.lock$/, 'crates.io'],
  [/^(.*requirements.*\.txt|poetry\.lock|Pipfile\.lock|pdm\.lock|uv\.lock|pylock\..*toml|pylock\.toml)$/, 'PyPI'],
  [/^(Gemfile\.lock|gems\.locked)$/, 'RubyGems'],
  [/^composer\.lock$/, 'Packagist'],
  [/^(pom\.xml|gradle\.lockfile|buildscript-gradle\.lockfile|verification-metadata\.xml)$/, 'Maven'],
  [/^(packages\.lock\.json|packages\.config|.*\.deps\.json)$/, 'NuGet'],
  [/^pubspec\.lock$/, 'Pub'],
  [/^mix\.lock$/, 'Hex'],
  [/^conan\.lock$/, 'ConanCenter'],
  [/^renv\.lock$/, 'CRAN'],
  [/^(stack\.yaml\.lock|cabal\.project\.freeze)$/, 'Hackage'],
];

export interface Lockfile {
  /** Relative to the searched directory, with forward slashes. */
  readonly path: string;
  readonly ecosystem: string;
}

/** Whose packages a file of this name lists; `undefined` for other files. */
export function ecosystemOf(name: string): string | undefined {
  return ECOSYSTEMS.find(([pattern]) => pattern.test(name))?.[1];
}

export interface FoundLockfiles {
  readonly lockfiles: readonly Lockfile[];
  /** Directories that may not be read. */
  readonly closed: readonly string[];
}

/**
 * Every lockfile below a directory, to know which databases to fetch before osv-scanner runs.
 * Nothing but `.git` is left out: what the tree itself says about ignoring files has no say here.
 */
export async function findLockfiles(directory: string): Promise<FoundLockfiles> {
  const lockfiles: Lockfile[] = [];
  const closed: string[] = [];
  for await (const { path: file } of walk(directory, (each) => closed.push(each))) {
    const ecosystem = ELSEWHERE.test(file) ? undefined : ecosystemOf(path.posix.basename(file));
    if (ecosystem !== undefined) lockfiles.push({ path: file, ecosystem });
  }
  return { lockfiles, closed };
}

/** Gradle keeps it in a directory of this name; elsewhere osv-scanner does not take it for a lockfile. */
const ELSEWHERE = /(?<!(?:^|\/)gradle\/)verification-metadata\.xml$/;
