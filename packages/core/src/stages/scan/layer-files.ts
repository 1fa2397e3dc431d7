import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { extract } from 'tar-stream';

/** Bytes. In a larger file nobody keeps a secret by hand. */
export const LARGEST_FILE = 32 * 1024 * 1024;

/**
 * Reads some files of a layer (image-spec, layer.md), without writing any.
 *
 * @param mediaType says how the layer is compressed
 * @param wanted absolute paths in the image
 * @returns those that are there, as text
 */
export async function filesInLayer(
  { blob, mediaType }: { readonly blob: string; readonly mediaType: string },
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const tar = extract();
  const source = createReadStream(blob);
  // As in `untar`: nothing may be waited for between this and the loop, which sees the same failure.
  const pump = mediaType.endsWith('gzip')
    ? pipeline(source, createGunzip(), tar)
    : mediaType.endsWith('zstd')
      ? pipeline(source, createZstdDecompress(), tar)
      : pipeline(source, tar);
  pump.catch(() => {});
  for await (const entry of tar) {
    const { name, type, size } = entry.header;
    const file = posix.normalize(`/${name}`);
    if (type === 'file' && size <= LARGEST_FILE && wanted.has(file)) found.set(file, await textOf(entry));
    else entry.resume();
  }
  await pump;
  return found;
}

async function textOf(entry: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
