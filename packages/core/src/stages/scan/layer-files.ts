import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { type Extract, extract } from 'tar-stream';

/** Bytes. In a larger file nobody keeps a secret by hand. */
export const LARGEST_FILE = 32 * 1024 * 1024;

type Entry = Extract extends AsyncIterable<infer Each> ? Each : never;

/** A layer's blob in a file, and how it is compressed. */
export interface LayerBlob {
  readonly blob: string;
  readonly mediaType: string;
}

/**
 * Reads some files of a layer (image-spec, layer.md), without writing any.
 *
 * @param wanted absolute paths in the image
 * @returns those that are there, as text
 */
export async function filesInLayer(
  layer: LayerBlob,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for await (const entry of entriesOf(layer)) {
    const { type, size } = entry.header;
    const file = pathOf(entry);
    if (type === 'file' && size <= LARGEST_FILE && wanted.has(file)) found.set(file, await textOf(entry));
    else entry.resume();
  }
  return found;
}

/** The first path in a layer that somebody looks for; the rest of the layer is not read. */
export async function pathInLayer(
  layer: LayerBlob,
  isWanted: (absolute: string) => boolean,
): Promise<string | undefined> {
  for await (const entry of entriesOf(layer)) {
    const file = pathOf(entry);
    if (isWanted(file)) return file;
    entry.resume();
  }
  return undefined;
}

async function* entriesOf({ blob, mediaType }: LayerBlob): AsyncGenerator<Entry> {
  const tar = extract();
  const source = createReadStream(blob);
  // As in `untar`: nothing may be waited for between this and the loop, which sees the same failure.
  const pump = mediaType.endsWith('gzip')
    ? pipeline(source, createGunzip(), tar)
    : mediaType.endsWith('zstd')
      ? pipeline(source, createZstdDecompress(), tar)
      : pipeline(source, tar);
  pump.catch(() => {});
  yield* tar;
  await pump;
}

function pathOf({ header: { name } }: Entry): string {
  return posix.normalize(`/${name}`);
}

async function textOf(entry: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
