import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { artifactManifest } from '../../oci/artifact-manifest.ts';
import type { ContentSource } from '../../oci/content.ts';
import { digestOf } from '../../oci/digest.ts';
import { OCI_MANIFEST } from '../../oci/media-types.ts';
import { TITLE } from '../../oci/file-set.ts';
import { shippedFiles } from './artifact.ts';

const layer = (title: string | undefined, text: string) => ({
  mediaType: 'text/plain',
  digest: digestOf(Buffer.from(text)),
  size: text.length,
  ...(title === undefined ? {} : { annotations: { [TITLE]: title } }),
});

async function namesOf(...titles: readonly (string | undefined)[]) {
  const layers = titles.map((title, index) => layer(title, String(index)));
  const manifest = artifactManifest({ artifactType: 'application/vnd.acme.v1', layers });
  const source = { manifest: () => Promise.resolve(manifest) } as unknown as ContentSource;
  const files = (await shippedFiles(source, manifest.digest)) ?? [];
  return files.map(({ name, layer: { digest } }) => (name === digest.replace(':', '-') ? 'by digest' : name));
}

it('names the files of an artifact by their titles', async () => {
  expect(await namesOf('a', 'dir/b', 'a:c')).toEqual(['a', 'dir/b', 'a:c']);
});

it.each([
  ['a way out', '../a'],
  ['an absolute path', '/etc/passwd'],
  ['a way through', 'a/../../b'],
  ['nothing', ''],
  ['no title', undefined],
  ['the directory', '.'],
  ['a NUL', 'a\0b'],
  ['a backslash', '..\\a'],
])('takes no path from %s', async (_name, title) => {
  expect(await namesOf(title)).toEqual(['by digest']);
});

it('gives two files of one name two places', async () => {
  expect(await namesOf('a', 'a', 'a/b')).toEqual(['a', 'by digest', 'by digest']);
});

const FILESYSTEM = 'application/vnd.oci.image.layer.v1.tar+gzip';

async function isImage(config: string, title?: string) {
  const bytes = Buffer.from(config);
  const layers = [{ ...layer(title, 'x'), mediaType: FILESYSTEM }];
  const described = { mediaType: 'application/json', digest: digestOf(bytes), size: bytes.length };
  const manifest = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: described, layers }),
  );
  const source = {
    manifest: async () => ({ mediaType: OCI_MANIFEST, digest: digestOf(manifest), bytes: manifest }),
    blob: async () => Readable.from([bytes]),
  } as unknown as ContentSource;
  return (await shippedFiles(source, digestOf(manifest))) === undefined;
}

it('takes layers of a filesystem for an image, whatever type its config claims', async () => {
  expect(await isImage('{}')).toBe(true);
  expect(await isImage('{"rootfs":{"type":"layers","diff_ids":[]}}', 'titled.tar.gz')).toBe(true);
});

it('takes files that ORAS pushed for files', async () => {
  expect(await isImage('{"of":"mine"}', 'notes.tar.gz')).toBe(false);
});
