import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { PlimsollError } from '../runtime/errors.ts';

export interface Unpacking {
  /** The bytes of a gzipped tar archive. */
  readonly source: AsyncIterable<Uint8Array>;
  /** What a person calls it; for messages. */
  readonly label: string;
  /** The regular files wanted: name in the archive, and the path to write it to. */
  readonly members: ReadonlyMap<string, string>;
  /** Bytes that all wanted members together may have, so that an archive cannot fill the disk. */
  readonly maxBytes: number;
  /** File mode of what is written; 0600 unless given. */
  readonly mode?: number;
}

/**
 * Writes the wanted members of an archive to their places and reads past everything else, so that no name in the
 * archive ever becomes a path. Leaves nothing behind when it fails.
 *
 * @throws PlimsollError `tool-output-invalid` when a member is missing or too large, or the archive is broken
 */
export async function unpackMembers(unpacking: Unpacking): Promise<void> {
  const left = new Map(unpacking.members);
  let budget = unpacking.maxBytes;
  try {
    const tar = extract();
    const pump = pipeline(Readable.from(unpacking.source), createGunzip(), tar);
    // The loop below sees the same failure; this only keeps it from being unhandled until then.
    pump.catch(() => {});
    for await (const entry of tar) {
      const destination = left.get(normalName(entry.header.name));
      if (destination === undefined || entry.header.type !== 'file') {
        entry.resume();
        continue;
      }
      budget -= entry.header.size ?? 0;
      if (budget < 0) throw tooLarge(unpacking);
      await pipeline(
        entry,
        atMost(entry.header.size ?? 0),
        createWriteStream(destination, { mode: unpacking.mode ?? 0o600 }),
      );
      left.delete(normalName(entry.header.name));
    }
    await pump;
  } catch (error) {
    await removeAll(unpacking.members);
    throw error instanceof PlimsollError ? error : broken(unpacking, error);
  }
  if (left.size === 0) return;
  await removeAll(unpacking.members);
  throw new PlimsollError('tool-output-invalid', `${unpacking.label} has no ${[...left.keys()].join(', ')} in it`, {
    hint: 'The archive is complete but not what was expected; report it with its address and digest.',
  });
}

function normalName(name: string): string {
  return name.replace(/^(?:\.\/)+/, '');
}

/** Ends a copy that grows beyond what its header said. */
function atMost(limit: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
      seen += chunk.length;
      done(seen > limit ? new Error('a member is longer than its header says') : null, chunk);
    },
  });
}

async function removeAll(members: ReadonlyMap<string, string>): Promise<void> {
  await Promise.all([...members.values()].map((file) => rm(file, { force: true })));
}

function tooLarge({ label, maxBytes }: Unpacking): PlimsollError {
  return new PlimsollError('tool-output-invalid', `${label} unpacks to more than ${Math.round(maxBytes / 1e6)} MB`, {
    hint: 'Nothing of it was kept. Report it with its address and digest when it is genuine.',
  });
}

function broken({ label }: Unpacking, cause: unknown): PlimsollError {
  const noSpace = cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC';
  if (noSpace) {
    return new PlimsollError('disk-full', `There is no space left to unpack ${label}`, {
      hint: 'Free disk space before this step, or use a runner with a larger disk.',
      cause,
    });
  }
  return new PlimsollError('tool-output-invalid', `${label} is not a complete gzipped tar archive`, {
    hint: 'Run the job again; when it stays, what serves the archive changes it on the way.',
    cause,
  });
}
