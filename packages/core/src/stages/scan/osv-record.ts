import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import * as v from 'valibot';
import { PlimsollError } from '../../runtime/errors.ts';

const inflate = promisify(inflateRaw);
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_SIZE = 22;
const LOCATOR = 0x07064b50;
const LOCATOR_SIZE = 20;
const LARGE_END = 0x06064b50;
const LARGE_END_SIZE = 56;
const LONGEST_COMMENT = 65_535;
const CENTRAL_SIZE = 46;
const LOCAL_SIZE = 30;
const DEFLATED = 8;
/** Records that are looked at before the archive is given up; bytes of one. */
const TRIES = 100;
const LARGEST = 64 * 1024 * 1024;

const record = v.looseObject({ id: v.pipe(v.string(), v.minLength(1)), modified: v.string() });

/**
 * osv-scanner skips records that it cannot parse, and reports an archive without any as loaded. So one record has to be
 * what OSV publishes (PKWARE APPNOTE 6.3; OSV schema, `id` and `modified` are required).
 *
 * @throws PlimsollError `registry-protocol`
 */
export async function requireRecord(file: string, url: URL): Promise<void> {
  const handle = await open(file);
  try {
    if (await holdsRecord(handle)) return;
  } finally {
    await handle.close();
  }
  throw new PlimsollError('registry-protocol', `${url.href} answered with an archive in which there is no OSV record`, {
    hint: 'Check the osv-db input: the archive has to hold one JSON file for each advisory.',
  });
}

async function holdsRecord(handle: FileHandle): Promise<boolean> {
  let tries = 0;
  for (const entry of await entriesOf(handle)) {
    if (!entry.name.endsWith('.json') || entry.size > LARGEST || entry.packed > LARGEST) continue;
    if (await isRecord(handle, entry)) return true;
    tries += 1;
    if (tries === TRIES) return false;
  }
  return false;
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

async function entriesOf(handle: FileHandle): Promise<readonly Entry[]> {
  const { size } = await handle.stat();
  const tail = await bytesAt(handle, Math.max(0, size - END_SIZE - LONGEST_COMMENT), END_SIZE + LONGEST_COMMENT);
  const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + END_SIZE > tail.length || tail.readUInt32LE(end) !== END) return [];
  const [length, start] = (await largePlace(handle, tail, end)) ?? [
    tail.readUInt32LE(end + 12),
    tail.readUInt32LE(end + 16),
  ];
  if (length === 0 || start + length > size) return [];
  return parseDirectory(await bytesAt(handle, start, length));
}

/** Length and place of the directory in an archive of more than 65,535 files, as those of npm are (zip64). */
async function largePlace(handle: FileHandle, tail: Buffer, end: number): Promise<[number, number] | undefined> {
  const locator = end - LOCATOR_SIZE;
  if (locator < 0 || tail.readUInt32LE(locator) !== LOCATOR) return undefined;
  const large = await bytesAt(handle, Number(tail.readBigUInt64LE(locator + 8)), LARGE_END_SIZE);
  if (large.length < LARGE_END_SIZE || large.readUInt32LE(0) !== LARGE_END) return undefined;
  return [Number(large.readBigUInt64LE(40)), Number(large.readBigUInt64LE(48))];
}

function parseDirectory(directory: Buffer): readonly Entry[] {
  const entries: Entry[] = [];
  let at = 0;
  while (at + CENTRAL_SIZE <= directory.length && directory.readUInt32LE(at) === CENTRAL) {
    const [name, extra, comment] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field)) as [
      number,
      number,
      number,
    ];
    entries.push({
      name: directory.toString('utf8', at + CENTRAL_SIZE, at + CENTRAL_SIZE + name),
      method: directory.readUInt16LE(at + 10),
      packed: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    });
    at += CENTRAL_SIZE + name + extra + comment;
  }
  return entries;
}

async function isRecord(handle: FileHandle, { method, packed, size, offset }: Entry): Promise<boolean> {
  const local = await bytesAt(handle, offset, LOCAL_SIZE);
  if (local.length < LOCAL_SIZE || local.readUInt32LE(0) !== LOCAL) return false;
  const start = offset + LOCAL_SIZE + local.readUInt16LE(26) + local.readUInt16LE(28);
  const bytes = await bytesAt(handle, start, packed);
  try {
    const text = method === DEFLATED ? await inflate(bytes, { maxOutputLength: Math.max(1, size) }) : bytes;
    return v.is(record, JSON.parse(text.toString('utf8')));
  } catch {
    return false;
  }
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
