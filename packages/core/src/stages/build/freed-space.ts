import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { bytes } from '../../report/bytes.ts';
import { isFailure, PlimsollError } from '../../runtime/errors.ts';

/**
 * Runs a build that fills a directory. When the disk is full, the half of a layout that is there is of no use to
 * anybody: it is removed, and the hint says how much that gave back.
 */
export async function freeingOnFailure<T>(directory: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!isFailure(error, 'disk-full')) throw error;
    const freed = await sizeOf(directory);
    await rm(directory, { recursive: true, force: true });
    const hint = `The unfinished layout was removed, which freed ${bytes(freed)}. ${error.hint}`;
    throw new PlimsollError('disk-full', error.message, { hint, cause: error.cause, place: error.place });
  }
}

async function sizeOf(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(path.join(parentPath, name))).size),
  );
  return sizes.reduce((total, size) => total + size, 0);
}
