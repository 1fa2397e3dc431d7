import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { missing, type ScanProblem } from './problem.ts';

/** A regular file of a tree. */
export interface TreeFile {
  /** Relative to the tree, with forward slashes; what is not UTF-8 in it is replaced. */
  readonly path: string;
  /** The same as it is on the disk, for opening it: names need not be UTF-8. */
  readonly raw: Buffer;
}

const SEPARATOR = Buffer.from('/');
const CLOSED = new Set(['EACCES', 'EPERM']);

/**
 * Regular files, depth first, without those of `.git`; symbolic links are not followed.
 *
 * @param onClosed - is told of directories that may not be read
 */
export async function* walk(
  root: string,
  onClosed: (directory: string) => void = () => undefined,
): AsyncIterable<TreeFile> {
  yield* walkBelow({ path: '', raw: Buffer.alloc(0) }, root, onClosed);
}

async function* walkBelow(
  below: TreeFile,
  root: string,
  onClosed: (directory: string) => void,
): AsyncIterable<TreeFile> {
  for (const entry of await entriesOf(onDisk(root, below.raw), () => onClosed(below.path || '.'))) {
    const raw = below.raw.length === 0 ? entry.name : Buffer.concat([below.raw, SEPARATOR, entry.name]);
    const file = { path: raw.toString('utf8'), raw };
    if (entry.isFile()) yield file;
    else if (entry.isDirectory() && entry.name.toString('latin1') !== '.git') yield* walkBelow(file, root, onClosed);
  }
}

async function entriesOf(directory: Buffer, onClosed: () => void): Promise<readonly Dirent<Buffer>[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true, encoding: 'buffer' });
    return entries.toSorted((one, other) => Buffer.compare(one.name, other.name));
  } catch (error) {
    if (!CLOSED.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    onClosed();
    return [];
  }
}

/** Where a file of a tree is, for the calls of `node:fs`. */
export function onDisk(root: string, raw: Buffer): Buffer {
  return raw.length === 0 ? Buffer.from(root) : Buffer.concat([Buffer.from(path.join(root, '/')), raw]);
}

/** A part of the tree that nobody could look into. */
export function closedProblem(place: string): ScanProblem {
  return missing(`the source tree: ${place} may not be read`, READABLE);
}

const READABLE =
  'Make it readable for everybody (chmod a+rX) before the scan, or remove it when it is not part of the source.';
