import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unpackMembers } from './archive.ts';

type EntryHeader = Partial<Header> & Pick<Header, 'name'>;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'archive-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function archive(...entries: readonly (readonly [EntryHeader, string])[]): Promise<Buffer> {
  const tar = pack();
  for (const [header, text] of entries) tar.entry(header, text);
  tar.finalize();
  return gzipSync(await buffer(tar));
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

const unpack = (bytes: Buffer, names: readonly string[], maxBytes = 1_000) =>
  unpackMembers({
    source: once(bytes),
    label: 'test.tar.gz',
    members: new Map(names.map((name) => [name, path.join(dir, path.basename(name))])),
    maxBytes,
  });

describe('unpackMembers', () => {
  it('writes what is wanted, under the name it was asked to, and nothing else', async () => {
    const bytes = await archive(
      [{ name: '../../escape' }, 'x'],
      [{ name: './trivy.db' }, 'database'],
      [{ name: 'link', type: 'symlink', linkname: '/etc/passwd' }, ''],
      [{ name: 'metadata.json' }, '{}'],
    );
    await unpack(bytes, ['trivy.db', 'metadata.json']);
    expect((await readdir(dir)).toSorted()).toEqual(['metadata.json', 'trivy.db']);
    expect(await readFile(path.join(dir, 'trivy.db'), 'utf8')).toBe('database');
  });

  it('does not follow a link in place of a file', async () => {
    const bytes = await archive([{ name: 'tool', type: 'symlink', linkname: '/bin/sh' }, '']);
    await expect(unpack(bytes, ['tool'])).rejects.toMatchObject({ code: 'tool-output-invalid' });
  });

  it('refuses what is too large, counted over all members, and leaves nothing', async () => {
    const bytes = await archive([{ name: 'a' }, 'x'.repeat(600)], [{ name: 'b' }, 'x'.repeat(600)]);
    await expect(unpack(bytes, ['a', 'b'])).rejects.toMatchObject({ code: 'tool-output-invalid' });
    expect(await readdir(dir)).toEqual([]);
  });

  it('says what is missing', async () => {
    const bytes = await archive([{ name: 'a' }, 'x']);
    await expect(unpack(bytes, ['a', 'b'])).rejects.toMatchObject({ message: 'test.tar.gz has no b in it' });
    expect(await readdir(dir)).toEqual([]);
  });

  it('refuses a cut archive and one that is none', async () => {
    const whole = await archive([{ name: 'a' }, 'x'.repeat(500)]);
    await expect(unpack(whole.subarray(0, whole.length - 12), ['a'])).rejects.toMatchObject({
      code: 'tool-output-invalid',
    });
    await expect(unpack(Buffer.from('<html>'), ['a'])).rejects.toMatchObject({ code: 'tool-output-invalid' });
    expect(await readdir(dir)).toEqual([]);
  });
});
