import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Blob, type BlobDescriptor, blobOf, descriptorOf } from './blob.ts';
import type { ImageContent } from './image.ts';

/** Writes an image as an OCI layout directory (image-layout.md). */
export async function writeLayout(directory: string, content: ImageContent): Promise<void> {
  await mkdir(path.join(directory, 'blobs', 'sha256'), { recursive: true });
  const all = [...content.blobs, ...content.manifests];
  await Promise.all(all.map((blob) => writeFile(blobPath(directory, blob.digest), blob.bytes)));
  const index = { schemaVersion: 2, manifests: [descriptorOf(content.root)] };
  await writeFile(path.join(directory, 'index.json'), JSON.stringify(index));
  await writeFile(path.join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}

/** Reads back what {@link writeLayout} wrote. */
export async function readLayout(directory: string): Promise<ImageContent> {
  const index = JSON.parse(await readFile(path.join(directory, 'index.json'), 'utf8')) as References;
  const [rootDescriptor] = index.manifests ?? [];
  if (rootDescriptor === undefined) throw new Error(`${directory} is empty`);
  const root = await read(directory, rootDescriptor);
  const manifests = await Promise.all((referencesOf(root).manifests ?? []).map((child) => read(directory, child)));
  const wanted = manifests.flatMap((manifest) => {
    const { config, layers = [] } = referencesOf(manifest);
    return config === undefined ? layers : [config, ...layers];
  });
  const blobs = await Promise.all(wanted.map((descriptor) => read(directory, descriptor)));
  return { blobs, manifests: [...manifests, root], root };
}

interface References {
  readonly manifests?: readonly BlobDescriptor[];
  readonly config?: BlobDescriptor;
  readonly layers?: readonly BlobDescriptor[];
}

function referencesOf(manifest: Blob): References {
  return JSON.parse(manifest.bytes.toString()) as References;
}

async function read(directory: string, { mediaType, digest }: BlobDescriptor): Promise<Blob> {
  return blobOf(mediaType, await readFile(blobPath(directory, digest)));
}

function blobPath(directory: string, digest: string): string {
  return path.join(directory, 'blobs', digest.replace(':', path.sep));
}
