import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { blobOf, emptyBlob, indexOf, manifestOf } from '@plimsoll/testkit/registry/fixtures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBytes } from './checked-stream.ts';
import type { ManifestBlob } from './content.ts';
import { type Digest, digestOf } from './digest.ts';
import { readGraph } from './graph.ts';
import { type Layout, openLayout } from './layout.ts';
import { blobPath } from './layout-files.ts';
import { descriptorOf } from './manifest.ts';

const layer = blobOf('a layer');
const one = manifestOf('one', { layers: [layer.descriptor] });
const index = indexOf(one, manifestOf('two'));

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-layout-'));
  await mkdir(path.join(directory, 'blobs', 'sha256'), { recursive: true });
  await write('oci-layout', { imageLayoutVersion: '1.0.0' });
  await root(index);
  for (const { digest, bytes } of [index, one, manifestOf('two')]) await put(digest, bytes);
  for (const { descriptor, bytes } of [layer, emptyBlob]) await put(descriptor.digest, bytes);
});

afterEach(() => rm(directory, { recursive: true }));

function write(name: string, content: unknown): Promise<void> {
  return writeFile(path.join(directory, name), typeof content === 'string' ? content : JSON.stringify(content));
}

function root(...manifests: ManifestBlob[]): Promise<void> {
  const annotations = { 'org.opencontainers.image.ref.name': 'v1' };
  return write('index.json', {
    schemaVersion: 2,
    manifests: manifests.map((manifest) => ({ ...descriptorOf(manifest), annotations })),
  });
}

function put(digest: Digest, bytes: Buffer): Promise<void> {
  return writeFile(blobPath(directory, digest), bytes);
}

/** Every byte of it; the digests of its manifests. */
async function readAll(layout: Layout): Promise<readonly Digest[]> {
  const { nodes } = await readGraph(layout, layout.root, { referrers: false });
  for (const { blobs } of nodes.values()) for (const blob of blobs) await readBytes(await layout.blob(blob));
  return [...nodes.keys()];
}

describe('openLayout', () => {
  it('finds the one root, by digest and by name', async () => {
    const layout = await openLayout(directory);
    expect(layout.root.digest).toBe(index.digest);
    expect((await layout.resolve('v1'))?.digest).toBe(index.digest);
    expect((await layout.resolve(one.digest))?.size).toBe(one.bytes.length);
    expect(await layout.resolve('v2')).toBeUndefined();
    expect(await layout.resolve(digestOf(Buffer.from('absent')))).toBeUndefined();
    expect(await layout.manifest('v1')).toEqual(index);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['no marker', () => rm(path.join(directory, 'oci-layout'))],
    ['a marker of another version', () => write('oci-layout', { imageLayoutVersion: '2.0.0' })],
    ['no index', () => rm(path.join(directory, 'index.json'))],
    ['an index that is cut short', () => write('index.json', '{"schemaVersion":2,"manif')],
    ['no root', () => root()],
    ['two roots', () => root(index, one)],
    [
      'a digest that climbs out of the directory',
      () => write('index.json', { schemaVersion: 2, manifests: [{ ...descriptorOf(one), digest: 'sha256:../../x' }] }),
    ],
  ])('refuses a directory with %s', async (_what, spoil) => {
    await spoil();
    await expect(openLayout(directory)).rejects.toMatchObject({ code: 'layout-invalid' });
  });
});

describe('a layout', () => {
  it('gives bytes that match', async () => {
    const layout = await openLayout(directory);
    expect(await readBytes(await layout.blob(layer.descriptor))).toEqual(layer.bytes);
    expect(await readAll(layout)).toEqual([index, one, manifestOf('two')].map(({ digest }) => digest));
  });

  it.each<[string, Digest]>([
    ['index', index.digest],
    ['manifest', one.digest],
    ['layer', layer.descriptor.digest],
  ])('with a changed byte in its %s is refused', async (_what, digest) => {
    const file = blobPath(directory, digest);
    const bytes = await readFile(file);
    bytes[bytes.length - 2] = (bytes[bytes.length - 2] ?? 0) ^ 1;
    await writeFile(file, bytes);
    await expect(readAll(await openLayout(directory))).rejects.toMatchObject({ code: 'digest-mismatch' });
  });

  it('with a layer cut short is refused before anything of it is read', async () => {
    await put(layer.descriptor.digest, layer.bytes.subarray(1));
    const layout = await openLayout(directory);
    await expect(layout.blob(layer.descriptor)).rejects.toMatchObject({ code: 'digest-mismatch' });
  });

  it('with a descriptor of the wrong size is refused', async () => {
    await write('index.json', { schemaVersion: 2, manifests: [{ ...descriptorOf(index), size: 7 }] });
    await expect(readAll(await openLayout(directory))).rejects.toMatchObject({ code: 'digest-mismatch' });
  });

  it('that misses a blob names it', async () => {
    await rm(blobPath(directory, layer.descriptor.digest));
    const layout = await openLayout(directory);
    await expect(readAll(layout)).rejects.toMatchObject({
      code: 'layout-invalid',
      message: expect.stringContaining('sha256'),
    });
  });
});
