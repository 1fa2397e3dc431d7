import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, readdir, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import { PlimsollError } from '../runtime/errors.ts';
import type { Digest } from './digest.ts';

export interface DirectoryArchive {
  /** Absolute, without symbolic links. */
  readonly directory: string;
  /** What every name in the archive begins with. */
  readonly name: string;
  /** The time of every entry. */
  readonly modified: Date;
  /** Where the archive goes. */
  readonly file: string;
}

/**
 * Writes a directory as a gzipped tar archive that depends on names, contents and the executable bit alone: entries in
 * order of their names, of one time, of nobody.
 *
 * @returns the digest of the archive before compression, as oras annotates it
 * @throws PlimsollError `input-invalid` for a link that leads out of the directory, and for what is neither file,
 *   directory nor link
 */
export async function archiveDirectory({ directory, name, modified, file }: DirectoryArchive): Promise<Digest> {
  const tar = pack();
  const hash = createHash('sha256');
  const hashed = new PassThrough();
  hashed.on('data', (chunk: Buffer) => hash.update(chunk));
  const written = pipeline(tar, hashed, createGzip({ level: 9 }), createWriteStream(file));
  // What fills the archive may fail first; the failure of both is one.
  written.catch(() => {});
  try {
    await addEntry(tar, { directory, modified }, { place: directory, name });
    tar.finalize();
  } catch (error) {
    tar.destroy();
    await written.catch(() => {});
    throw error;
  }
  await written;
  return `sha256:${hash.digest('hex')}`;
}

type Common = Pick<DirectoryArchive, 'directory' | 'modified'>;
interface Entry {
  readonly place: string;
  readonly name: string;
}

async function addEntry(tar: Pack, common: Common, { place, name }: Entry): Promise<void> {
  const found = await lstat(place);
  const header = { name, uid: 0, gid: 0, uname: '', gname: '', mtime: common.modified };
  if (found.isDirectory()) {
    tar.entry({ ...header, name: `${name}/`, type: 'directory', mode: 0o755 });
    for (const child of (await readdir(place)).toSorted(byCodeUnit))
      await addEntry(tar, common, { place: path.join(place, child), name: `${name}/${child}` });
  } else if (found.isSymbolicLink()) {
    tar.entry({ ...header, type: 'symlink', mode: 0o777, linkname: await linkInside(common.directory, place) });
  } else if (found.isFile()) {
    const mode = (found.mode & 0o100) === 0 ? 0o644 : 0o755;
    await pipeline(createReadStream(place), tar.entry({ ...header, type: 'file', mode, size: found.size }));
  } else {
    throw unfit(place, 'is neither a file, a directory nor a link');
  }
}

/** A link is packed as it is, so it must lead to something that is packed too. */
async function linkInside(directory: string, place: string): Promise<string> {
  const target = await readlink(place);
  const real = await realpath(place).catch(() => undefined);
  const inside = real !== undefined && (real === directory || real.startsWith(`${directory}${path.sep}`));
  if (inside && !path.isAbsolute(target)) return target;
  throw unfit(place, `is a link to ${target}, which is not in the directory`);
}

function unfit(place: string, why: string): PlimsollError {
  return new PlimsollError(
    'input-invalid',
    `The input "files" has a directory that cannot be packed: ${place} ${why}`,
    {
      hint: 'Remove it from the directory, or list the files that are meant one by one.',
    },
  );
}

/** A locale must not decide about a digest. */
function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
