import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { GitContext, GitTree } from '../../tools/git-tree.ts';
import { DOCKERFILE_PLACES, type FoundDockerfile, findDockerfile, missingDockerfile } from './dockerfile.ts';

/** What an image is built of, as BuildKit takes it. */
export interface BuildSource extends FoundDockerfile {
  /** A directory, or a URL at a commit. */
  readonly context: string;
  /** The Dockerfile itself. */
  readonly text: string;
}

export interface SourceRequest {
  /** Absolute; not looked at for a git repository. */
  readonly context: string;
  readonly file: string | undefined;
  readonly git?: GitContext | undefined;
}

/** Resolves a ref and reads files of the repository. */
export type ReadGit = (context: GitContext, wanted: readonly string[]) => Promise<GitTree>;

/**
 * The Dockerfile of a directory, or of a repository at the commit that its ref names now: what is looked at here is
 * what BuildKit fetches later, even when the branch has moved meanwhile.
 *
 * @throws PlimsollError `dockerfile-missing`, `git-unreadable`
 */
export async function findSource({ context, file, git }: SourceRequest, readGit: ReadGit): Promise<BuildSource> {
  if (git !== undefined) return sourceInGit(git, file, readGit);
  const found = await findDockerfile(context, file);
  return { ...found, context, text: await readFile(found.path, 'utf8') };
}

async function sourceInGit(git: GitContext, file: string | undefined, readGit: ReadGit): Promise<BuildSource> {
  const places = file === undefined ? DOCKERFILE_PLACES : [path.posix.normalize(file)];
  const inRepository = (place: string) => path.posix.join(git.subdir, place);
  const { commit, files } = await readGit(git, places.map(inRepository));
  const [first, ...others] = places.filter((place) => files.has(inRepository(place)));
  const label = `${git.url}#${commit.slice(0, 12)}:${git.subdir}`;
  if (first === undefined) throw missingDockerfile(places.map((place) => `${label} ${place}`));
  return { context: contextAt(git, commit), path: first, others, text: files.get(inRepository(first)) ?? '' };
}

/**
 * BuildKit 0.33 cannot ask for the commit's time in a directory of a repository, which it does by itself for
 * reproducible builds; the times of the checkout are later, and clamped to the same.
 */
function contextAt({ url, subdir }: GitContext, commit: string): string {
  if (subdir === '') return `${url}#${commit}`;
  if (!/^https?:/i.test(url)) return `${url}#${commit}:${subdir}`;
  return `${url}?${new URLSearchParams({ ref: commit, subdir, mtime: 'checkout' }).toString()}`;
}
