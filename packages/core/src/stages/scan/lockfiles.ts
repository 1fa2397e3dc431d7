import { readdir } from 'node:fs/promises';
import path from 'node:path';

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

/**
 * Every lockfile below a directory, to know which databases to fetch before osv-scanner runs.
 * Nothing but `.git` is left out: what the tree itself says about ignoring files has no say here.
 */
export async function findLockfiles(directory: string): Promise<readonly Lockfile[]> {
  const found: Lockfile[] = [];
  for await (const file of walk(directory, '')) {
    // Gradle keeps it there; elsewhere the name says nothing, and osv-scanner does not read it.
    if (/(?<!(?:^|\/)gradle\/)verification-metadata\.xml$/.test(file)) continue;
    const ecosystem = ecosystemOf(path.posix.basename(file));
    if (ecosystem !== undefined) found.push({ path: file, ecosystem });
  }
  return found;
}

/** Regular files, depth first; symbolic links are not followed. */
export async function* walk(root: string, below: string): AsyncIterable<string> {
  const entries = await readdir(path.join(root, below), { withFileTypes: true });
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const relative = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isFile()) yield relative;
    else if (entry.isDirectory() && entry.name !== '.git') yield* walk(root, relative);
  }
}
