import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Finding } from '../../policy/findings.ts';

/** Files below a directory, by their relative paths. */
export interface Files {
  readonly directory: string;
  readonly paths: readonly string[];
}

/** Where files are now that only moved: the same content, at a path that is new, and the old one is gone. */
export async function movedFiles(before: Files, now: Files): Promise<ReadonlyMap<string, string>> {
  const gone = before.paths.filter((file) => !now.paths.includes(file));
  const come = now.paths.filter((file) => !before.paths.includes(file));
  if (gone.length === 0 || come.length === 0) return new Map();
  const left = await Promise.all(come.map(async (file) => ({ file, content: await contentOf(now, file) })));
  const moved = new Map<string, string>();
  for (const file of gone) {
    const content = await contentOf(before, file);
    const at = left.findIndex((each) => each.content === content);
    // Each only once: a second copy is no move.
    const [target] = at < 0 ? [] : left.splice(at, 1);
    if (target !== undefined) moved.set(file, target.file);
  }
  return moved;
}

/** Findings of before, at the places where their files are now. */
export function atMovedPlaces<F extends Finding>(
  findings: readonly F[],
  moved: ReadonlyMap<string, string>,
): readonly F[] {
  return findings.map((finding) => ({
    ...finding,
    places: finding.places.map((place) =>
      place.in === 'source' ? { ...place, path: moved.get(place.path) ?? place.path } : place,
    ),
  }));
}

async function contentOf({ directory }: Files, file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path.join(directory, file)))
    .digest('hex');
}
