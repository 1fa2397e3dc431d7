import { createWriteStream } from 'node:fs';
import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ContentSource } from '../../oci/content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { algorithmOf, type Digest, hexOf } from '../../oci/digest.ts';
import { isForeignLayerType, OCI_INDEX } from '../../oci/media-types.ts';
import { mapConcurrently } from '../../runtime/concurrent.ts';
import type { ScanTarget } from './targets.ts';

const FETCHES = 4;

/**
 * Trivy finds a platform only when the layout's own index.json lists it, while an image built for
 * several platforms lists one nested index. So a flat layout is written that lists every target
 * and borrows the blobs of the layout given.
 */
export async function flattenLayout(layoutDir: string, targets: readonly ScanTarget[], flatDir: string): Promise<void> {
  await writeIndex(flatDir, targets);
  await symlink(await realpath(path.join(layoutDir, 'blobs')), path.join(flatDir, 'blobs'));
}

/**
 * Copies the targets of a registry, and nothing else of the image, into a flat layout. The source
 * checks every digest and size; a body that breaks off throws.
 *
 * @throws PlimsollError what the registry throws, `digest-mismatch`
 */
export async function fetchFlatLayout(
  source: ContentSource,
  targets: readonly ScanTarget[],
  flatDir: string,
): Promise<void> {
  await writeIndex(flatDir, targets);
  for (const { descriptor } of targets) {
    const blob = await source.manifest(descriptor.digest);
    await writeFile(await placeOf(flatDir, blob.digest), blob.bytes);
  }
  const blobs = new Map(targets.flatMap(blobsToScan).map((blob) => [blob.digest, blob]));
  await mapConcurrently([...blobs.values()], FETCHES, async (blob) => {
    await pipeline(await source.blob(blob), createWriteStream(await placeOf(flatDir, blob.digest)));
  });
}

/**
 * Reads every blob that is scanned and compares it with its digest.
 *
 * @throws PlimsollError `digest-mismatch`, `layout-invalid`
 */
export async function checkBlobs(source: ContentSource, targets: readonly ScanTarget[]): Promise<void> {
  const blobs = new Map(targets.flatMap(blobsToScan).map((blob) => [blob.digest, blob]));
  const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
  for (const blob of blobs.values()) await pipeline(await source.blob(blob), nowhere());
}

function blobsToScan({ manifest }: ScanTarget): readonly Descriptor[] {
  return [manifest.config, ...manifest.layers.filter((layer) => !isForeignLayerType(layer.mediaType))];
}

async function writeIndex(flatDir: string, targets: readonly ScanTarget[]): Promise<void> {
  await mkdir(flatDir, { recursive: true });
  const manifests = targets.map(({ descriptor: { mediaType, digest, size } }) => ({ mediaType, digest, size }));
  await writeFile(path.join(flatDir, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await writeFile(
    path.join(flatDir, 'index.json'),
    JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }),
  );
}

async function placeOf(flatDir: string, digest: Digest): Promise<string> {
  const dir = path.join(flatDir, 'blobs', algorithmOf(digest));
  await mkdir(dir, { recursive: true });
  return path.join(dir, hexOf(digest));
}
