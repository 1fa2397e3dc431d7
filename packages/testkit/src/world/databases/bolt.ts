/** A bucket of a bbolt database: values are JSON, and buckets nest. */
export interface Bucket {
  readonly [key: string]: BoltValue;
}
export type BoltValue = { readonly bucket: Bucket } | { readonly value: unknown };

const PAGE_SIZE = 4096;
const HEADER_SIZE = 16;
const ELEMENT_SIZE = 16;
const Flag = { branch: 1, leaf: 2, meta: 4, freelist: 16 } as const;
const MAGIC = 0xed0cdaed;
const VERSION = 2;
const META_PAGES = 2;
const FREELIST_PAGE = 2;

/**
 * Writes a bbolt file (go.etcd.io/bbolt, page.go and meta.go): two meta pages, an empty free list, and
 * one leaf page, as long as need be, for each bucket.
 */
export function boltFile(root: Bucket): Buffer {
  const writer = new PageWriter();
  const rootPage = writer.bucket(root);
  const metas = [0, 1].map((id) => metaPage({ id, rootPage, pages: writer.next }));
  return Buffer.concat([...metas, page({ id: FREELIST_PAGE, flags: Flag.freelist, count: 0 }), ...writer.pages]);
}

class PageWriter {
  readonly pages: Buffer[] = [];
  next = META_PAGES + 1;

  /** Writes a bucket after the ones in it, and gives the number of its page. */
  bucket(bucket: Bucket): number {
    const elements = Object.entries(bucket).map(([name, value]) => ({
      key: Buffer.from(name),
      nested: 'bucket' in value,
      value: 'bucket' in value ? inlineHeader(this.bucket(value.bucket)) : Buffer.from(JSON.stringify(value.value)),
    }));
    const sorted = elements.toSorted((one, other) => Buffer.compare(one.key, other.key));
    const id = this.next;
    const written = page({ id, flags: Flag.leaf, count: sorted.length }, leafBody(sorted));
    this.next += written.length / PAGE_SIZE;
    this.pages.push(written);
    return id;
  }
}

interface LeafElement {
  readonly key: Buffer;
  readonly nested: boolean;
  readonly value: Buffer;
}

/** A table of positions relative to each row, then keys and values. */
function leafBody(elements: readonly LeafElement[]): Buffer {
  const table = Buffer.alloc(ELEMENT_SIZE * elements.length);
  let data = 0;
  elements.forEach(({ key, nested, value }, row) => {
    const start = row * ELEMENT_SIZE;
    table.writeUInt32LE(nested ? 1 : 0, start);
    table.writeUInt32LE(table.length - start + data, start + 4);
    table.writeUInt32LE(key.length, start + 8);
    table.writeUInt32LE(value.length, start + 12);
    data += key.length + value.length;
  });
  return Buffer.concat([table, ...elements.flatMap(({ key, value }) => [key, value])]);
}

/** What the parent keeps of a bucket: its root page, and a sequence that nobody uses. */
function inlineHeader(rootPage: number): Buffer {
  const header = Buffer.alloc(16);
  header.writeBigUInt64LE(BigInt(rootPage), 0);
  return header;
}

interface PageHeader {
  readonly id: number;
  readonly flags: number;
  readonly count: number;
}

function page({ id, flags, count }: PageHeader, body: Buffer = Buffer.alloc(0)): Buffer {
  const pages = Math.ceil((HEADER_SIZE + body.length) / PAGE_SIZE);
  const bytes = Buffer.alloc(pages * PAGE_SIZE);
  bytes.writeBigUInt64LE(BigInt(id), 0);
  bytes.writeUInt16LE(flags, 8);
  bytes.writeUInt16LE(count, 10);
  bytes.writeUInt32LE(pages - 1, 12);
  body.copy(bytes, HEADER_SIZE);
  return bytes;
}

function metaPage({ id, rootPage, pages }: { id: number; rootPage: number; pages: number }): Buffer {
  const meta = Buffer.alloc(64);
  meta.writeUInt32LE(MAGIC, 0);
  meta.writeUInt32LE(VERSION, 4);
  meta.writeUInt32LE(PAGE_SIZE, 8);
  meta.writeBigUInt64LE(BigInt(rootPage), 16);
  meta.writeBigUInt64LE(BigInt(FREELIST_PAGE), 32);
  meta.writeBigUInt64LE(BigInt(pages), 40);
  meta.writeBigUInt64LE(BigInt(id), 48);
  meta.writeBigUInt64LE(fnv1a(meta.subarray(0, 56)), 56);
  return page({ id, flags: Flag.meta, count: 0 }, meta);
}

/** FNV-1a, 64 bits. */
function fnv1a(bytes: Buffer): bigint {
  const mask = 0xffffffffffffffffn;
  return bytes.reduce((hash, byte) => ((hash ^ BigInt(byte)) * 0x100000001b3n) & mask, 0xcbf29ce484222325n);
}
