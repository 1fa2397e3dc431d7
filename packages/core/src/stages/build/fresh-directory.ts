import { mkdir, mkdtemp } from 'node:fs/promises';
import path from 'node:path';

/** A place for a new layout: fresh, because a second export into one directory adds a second root. */
export async function freshDirectory(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true });
  return path.join(await mkdtemp(path.join(parent, 'plimsoll-build-')), 'layout');
}
