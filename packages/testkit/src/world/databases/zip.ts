import { crc32 } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly content: Buffer;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const NEEDED_VERSION = 20;
/** 1 January 2026, midnight, in MS-DOS form. */
const DOS_DATE = ((2026 - 1980) << 9) | (1 << 5) | 1;

/** A zip archive (PKWARE APPNOTE 6.3) whose entries are stored, not compressed. */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const local = localHeader(entry);
    locals.push(local, entry.content);
    centrals.push(centralHeader(entry, offset));
    offset += local.length + entry.content.length;
  }
  const directory = Buffer.concat(centrals);
  return Buffer.concat([...locals, directory, endRecord(entries.length, directory.length, offset)]);
}

/** Version to flags, method "stored", time and date, checksum, both sizes, length of the name, no extra field. */
function common({ name, content }: ZipEntry): Buffer {
  const bytes = Buffer.alloc(26);
  bytes.writeUInt16LE(NEEDED_VERSION, 0);
  bytes.writeUInt16LE(DOS_DATE, 8);
  bytes.writeUInt32LE(crc32(content), 10);
  bytes.writeUInt32LE(content.length, 14);
  bytes.writeUInt32LE(content.length, 18);
  bytes.writeUInt16LE(Buffer.byteLength(name), 22);
  return bytes;
}

function localHeader(entry: ZipEntry): Buffer {
  return Buffer.concat([uint32(LOCAL), common(entry), Buffer.from(entry.name)]);
}

function centralHeader(entry: ZipEntry, offset: number): Buffer {
  const madeBy = Buffer.from([NEEDED_VERSION, 0]);
  // Comment length, disk number, internal and external attributes: all zero.
  const attributes = Buffer.alloc(10);
  return Buffer.concat([uint32(CENTRAL), madeBy, common(entry), attributes, uint32(offset), Buffer.from(entry.name)]);
}

function endRecord(count: number, size: number, offset: number): Buffer {
  const bytes = Buffer.alloc(22);
  bytes.writeUInt32LE(END, 0);
  bytes.writeUInt16LE(count, 8);
  bytes.writeUInt16LE(count, 10);
  bytes.writeUInt32LE(size, 12);
  bytes.writeUInt32LE(offset, 16);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
