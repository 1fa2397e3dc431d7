import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { extract } from 'tar-stream';

/** Bytes and entries that may come out of archives, so that one of them cannot fill the disk. */
export class UnpackBudget {
  #bytes = 8 * 1024 ** 3;
  #entries = 200_000;

  /** @throws TooMuch */
  take(bytes: number, entries = 0): void {
    this.#bytes -= bytes;
    this.#entries -= entries;
    if (this.#bytes < 0 || this.#entries < 0) throw new TooMuch('an archive holds more than can be looked at');
  }
}

/** There is more in the archives than the budget has. */
export class TooMuch extends Error {}

/** Archives and compressed files that nobody here can open, by what they begin with. */
const CLOSED: readonly Buffer[] = ['504b0304', '377abcaf271c', 'fd377a585a00', '425a68', '526172211a07'].map((hex) =>
  Buffer.from(hex, 'hex'),
);
const HEAD = 512;

/**
 * Puts what is in an archive in the place of the archive, because no scanner looks into one: tar, and gzip or zstd of
 * tar or of one file. Nothing but regular files, below that place, is written.
 *
 * What comes out is opened too.
 *
 * @returns `closed` when something in it could not be looked into
 * @throws TooMuch
 */
export async function openInPlace(file: string, budget: UnpackBudget): Promise<'open' | 'closed'> {
  const head = await headOf(file);
  const packed = head[0] === 0x1f && head[1] === 0x8b ? createGunzip : isZstd(head) ? createZstdDecompress : undefined;
  if (packed === undefined && !isTar(head))
    return CLOSED.some((magic) => head.indexOf(magic) === 0) ? 'closed' : 'open';
  budget.take(0, 1);
  const whole = `${file}.unopened`;
  await rename(file, whole);
  try {
    const source = createReadStream(whole);
    const inside =
      packed === undefined
        ? await untar(source, file, budget)
        : await pipeline(source, packed(), counted(budget), createWriteStream(file)).then(() => [file]);
    await rm(whole);
    const outcomes: string[] = [];
    for (const each of inside) outcomes.push(await openInPlace(each, budget));
    return outcomes.includes('closed') ? 'closed' : 'open';
  } catch (error) {
    if (error instanceof TooMuch) throw error;
    // Not what it seemed to be: the scanners get it as it is.
    await rm(file, { recursive: true, force: true });
    await rename(whole, file).catch(() => {});
    return 'closed';
  }
}

/** @returns the files that were written */
async function untar(source: Readable, directory: string, budget: UnpackBudget): Promise<readonly string[]> {
  const written = new Set<string>();
  await mkdir(directory);
  const tar = extract();
  // Nothing may be waited for between this and the loop: an entry that comes before anybody listens is lost, and the
  // rest of the archive waits for it for ever.
  const pump = pipeline(source, tar);
  // The loop below sees the same failure.
  pump.catch(() => {});
  for await (const entry of tar) {
    const { name, type, size } = entry.header;
    budget.take(size, 1);
    const place = path.join(directory, path.posix.normalize(`/${name}`));
    if (type === 'file' && place !== directory) {
      await mkdir(path.dirname(place), { recursive: true });
      await pipeline(entry, createWriteStream(place));
      written.add(place);
    } else {
      entry.resume();
    }
  }
  await pump;
  return [...written];
}

function counted(budget: UnpackBudget): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        budget.take(chunk.length);
        done(null, chunk);
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
  });
}

async function headOf(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** POSIX and GNU alike. */
function isTar(head: Buffer): boolean {
  return head.subarray(257, 262).toString('latin1') === 'ustar';
}

function isZstd(head: Buffer): boolean {
  return head.length > 4 && head.readUInt32LE(0) === 0xfd2fb528;
}
