import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FilePart, writeFileSet } from './file-set.ts';
import { openLayout } from './layout.ts';
import { layoutTarget } from './layout-target.ts';
import { parseManifest } from './manifest.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'plimsoll-file-set-'));
  await mkdir(path.join(dir, 'tree', 'sub'), { recursive: true });
  await writeFile(path.join(dir, 'tree', 'sub', 'run.sh'), 'echo\n');
  await writeFile(path.join(dir, 'tree', 'B'), 'b');
  await writeFile(path.join(dir, 'tree', 'a'), 'a');
  await writeFile(path.join(dir, 'one.json'), '{}\n');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const modified = new Date('2026-01-02T03:04:05Z');
const annotations = { z: '1', a: '2' };
const part = (title: string, more: Partial<FilePart> = {}): FilePart => ({
  title,
  path: path.join(dir, title),
  isDirectory: title === 'tree',
  ...more,
});

async function pack(name: string, files: readonly FilePart[]) {
  const directory = path.join(dir, name);
  const set = { artifactType: 'application/vnd.acme.v1', files, annotations, modified };
  const written = await writeFileSet(await layoutTarget(directory), set);
  return { ...written, layout: await openLayout(directory) };
}

async function entriesOf(file: string): Promise<readonly Header[]> {
  const headers: Header[] = [];
  for await (const entry of createReadStream(file).pipe(createGunzip()).pipe(extract())) {
    headers.push(entry.header);
    entry.resume();
  }
  return headers;
}

describe('files as an artifact', () => {
  it('are layers with their names, under the types that oras gives them', async () => {
    const { root, layout } = await pack('layout', [part('one.json', { mediaType: 'application/json' }), part('tree')]);
    const manifest = parseManifest(await layout.manifest(root.digest));
    expect(manifest).toMatchObject({
      artifactType: 'application/vnd.acme.v1',
      config: { mediaType: 'application/vnd.oci.empty.v1+json', size: 2 },
      layers: [
        { mediaType: 'application/json', size: 3, annotations: { 'org.opencontainers.image.title': 'one.json' } },
        {
          mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
          annotations: { 'org.opencontainers.image.title': 'tree', 'io.deis.oras.content.unpack': 'true' },
        },
      ],
      annotations,
    });
  });

  it('have one digest, whoever made them and when', async () => {
    const first = await pack('first', [part('tree'), part('one.json')]);
    await utimes(path.join(dir, 'tree', 'a'), 1, 1);
    await chmod(path.join(dir, 'tree', 'a'), 0o600);
    expect((await pack('second', [part('tree'), part('one.json')])).root.digest).toBe(first.root.digest);
    await chmod(path.join(dir, 'tree', 'a'), 0o700);
    expect((await pack('third', [part('tree'), part('one.json')])).root.digest).not.toBe(first.root.digest);
  });

  it('keep links that lead inside, and what may be run', async () => {
    await symlink('sub/run.sh', path.join(dir, 'tree', 'link'));
    await chmod(path.join(dir, 'tree', 'sub', 'run.sh'), 0o755);
    const { layers, layout } = await pack('layout', [part('tree')]);
    const blob = path.join(layout.directory, 'blobs', 'sha256', layers[0]?.digest.slice(7) ?? '');
    const headers = await entriesOf(blob);
    expect(headers.map(({ name, type, mode, linkname }) => [name, type, mode, linkname])).toEqual([
      ['tree/', 'directory', 0o755, null],
      ['tree/B', 'file', 0o644, null],
      ['tree/a', 'file', 0o644, null],
      ['tree/link', 'symlink', 0o777, 'sub/run.sh'],
      ['tree/sub/', 'directory', 0o755, null],
      ['tree/sub/run.sh', 'file', 0o755, null],
    ]);
    expect(new Set(headers.map(({ uid, mtime }) => `${uid} ${mtime?.toISOString()}`))).toEqual(
      new Set([`0 ${modified.toISOString()}`]),
    );
  });

  it.each([
    ['out of the directory', '../one.json'],
    ['by an absolute path', '/etc/passwd'],
    ['nowhere', 'gone'],
  ])('are not packed with a link that leads %s', async (_name, target) => {
    await symlink(target, path.join(dir, 'tree', 'link'));
    await expect(pack('layout', [part('tree')])).rejects.toMatchObject({ code: 'input-invalid' });
    await expect(readFile(path.join(dir, 'layout', 'index.json'), 'utf8')).resolves.toContain('"manifests":[]');
  });
});
