import { expect, it } from 'vitest';
import { artifactManifest } from '../../oci/artifact-manifest.ts';
import type { ContentSource } from '../../oci/content.ts';
import { digestOf } from '../../oci/digest.ts';
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
