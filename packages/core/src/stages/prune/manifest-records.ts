import { readSync } from 'node:fs';
import { type Digest, isDigest } from '../../oci/digest.ts';

/** What a file of manifests begins with. */
export const FIRST_LINE = Buffer.from('plimsoll manifests 1\n');
export const LINE = Buffer.from('\n');

const LINE_END = 0x0a;
/** Bytes that are read at once; a line is never as long. */
const WINDOW = 1024 * 1024;

/** Where one manifest stands in a file. */
export interface ManifestRecord {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly at: number;
  readonly length: number;
}

/** `digest length mediaType`; the bytes are on the next line. Not compressed: what stores caches does that. */
export function headOf({ digest, length, mediaType }: Omit<ManifestRecord, 'at'>): Buffer {
  return Buffer.from(`${digest} ${length} ${mediaType}\n`);
}

/**
 * What a file says that it has, up to the first line that is none; nothing of it is proven.
 * @throws Error when it is no file of manifests
 */
export function* recordsIn(file: number): Generator<ManifestRecord> {
  const window = Buffer.alloc(WINDOW);
  let start = 0;
  let end = readSync(file, window, 0, WINDOW, start);
  if (!window.subarray(0, FIRST_LINE.length).equals(FIRST_LINE)) throw new Error('not a file of manifests');
  for (let at = FIRST_LINE.length; ; ) {
    let line = lineEnd(window, at - start, end);
    if (line === undefined) {
      start = at;
      end = readSync(file, window, 0, WINDOW, start);
      line = lineEnd(window, 0, end);
    }
    const record = line === undefined ? undefined : recordOf(window.toString('latin1', at - start, line));
    if (record === undefined || line === undefined) return;
    yield { ...record, at: start + line + 1 };
    at = start + line + 1 + record.length + LINE.length;
  }
}

function lineEnd(window: Buffer, from: number, end: number): number | undefined {
  const at = from < end ? window.indexOf(LINE_END, from) : -1;
  return at === -1 || at >= end ? undefined : at;
}

function recordOf(line: string): Omit<ManifestRecord, 'at'> | undefined {
  const [digest = '', length = '', ...mediaType] = line.split(' ');
  if (!isDigest(digest) || !/^\d{1,9}$/.test(length)) return undefined;
  return { digest, length: Number(length), mediaType: mediaType.join(' ') };
}
