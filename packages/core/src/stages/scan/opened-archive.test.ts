import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openInPlace, TooMuch, UnpackBudget } from './opened-archive.ts';

let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'plimsoll-archive-'));
  file = path.join(dir, 'payload');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function tarOf(
  ...entries: readonly (readonly [header: Pick<Header, 'name'> & Partial<Header>, text?: string])[]
): Promise<Buffer> {
  const tar = pack();
  for (const [header, text = ''] of entries) tar.entry(header, text);
  tar.finalize();
  return buffer(tar);
}

async function opened(bytes: Uint8Array): Promise<string> {
  await writeFile(file, bytes);
  return openInPlace(file, new UnpackBudget());
}

const inside = (name: string) => readFile(path.join(file, name), 'utf8');

it.each([
  ['a tar', (tar: Buffer) => tar],
  ['a gzipped tar', (tar: Buffer) => gzipSync(tar)],
  ['a tar under zstd', (tar: Buffer) => zstdCompressSync(tar)],
  ['a gzipped tar in gzip', (tar: Buffer) => gzipSync(gzipSync(tar))],
])('shows what is in %s', async (_name, packed) => {
  const tar = await tarOf([{ name: 'etc/key' }, 'secret'], [{ name: 'more.gz' }, 'no gzip']);
  expect(await opened(packed(tar))).toBe('open');
  expect(await inside('etc/key')).toBe('secret');
});

it('loses none of many that are opened at once', async () => {
  const packed = gzipSync(await tarOf([{ name: 'key' }, 'secret']));
  const files = Array.from({ length: 200 }, (_none, index) => path.join(dir, `payload-${index}`));
  await Promise.all(files.map((each) => writeFile(each, packed)));
  await Promise.all(files.map((each) => openInPlace(each, new UnpackBudget())));
  const keys = await Promise.all(files.map((each) => readFile(path.join(each, 'key'), 'utf8')));
  expect(new Set(keys)).toEqual(new Set(['secret']));
});

it('writes files only, and only below the place of the archive', async () => {
  const tar = await tarOf(
    [{ name: '../../up' }, 'up'],
    [{ name: '/abs' }, 'abs'],
    [{ name: 'link', type: 'symlink', linkname: dir }],
    [{ name: 'link/through' }, 'through'],
    [{ name: 'twice' }, 'first'],
    [{ name: 'twice' }, 'second'],
  );
  expect(await opened(gzipSync(tar))).toBe('open');
  expect(await readdir(dir)).toEqual(['payload']);
  expect(await inside('up')).toBe('up');
  expect(await inside('abs')).toBe('abs');
  expect(await inside('link/through')).toBe('through');
});

it('opens archives in archives, and says so when one of them stays shut', async () => {
  const inner = await tarOf([{ name: 'key' }, 'secret']);
  const tar = pack();
  tar.entry({ name: 'inner.tgz' }, gzipSync(inner));
  tar.entry({ name: 'inner.zip' }, Buffer.from('504b030414000000', 'hex'));
  tar.finalize();
  expect(await opened(await buffer(tar))).toBe('closed');
  expect(await inside('inner.tgz/key')).toBe('secret');
});

it('shows a single file that is compressed', async () => {
  expect(await opened(gzipSync('echo'))).toBe('open');
  expect(await readFile(file, 'utf8')).toBe('echo');
});

it.each([
  ['zip', Buffer.from('504b030414000000', 'hex')],
  ['7z', Buffer.from('377abcaf271c0004', 'hex')],
  ['xz', Buffer.from('fd377a585a000004', 'hex')],
  ['a gzip that breaks off', gzipSync('a long text').subarray(0, 14)],
])('says that it could not look into %s, and leaves it as it is', async (_name, bytes) => {
  expect(await opened(bytes)).toBe('closed');
  expect(await readFile(file)).toEqual(bytes);
});

it.each([['text'], ['']])('leaves %j alone', async (text) => {
  expect(await opened(Buffer.from(text))).toBe('open');
  expect(await readFile(file, 'utf8')).toBe(text);
});

it('stops at what would fill the disk', async () => {
  const budget = new UnpackBudget();
  budget.take(8 * 1024 ** 3 - 10);
  await writeFile(file, gzipSync(Buffer.alloc(1000)));
  await expect(openInPlace(file, budget)).rejects.toThrow(TooMuch);
});
