import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readBytes } from '@plimsoll/core/oci/checked-stream';
import type { ContentSource } from '@plimsoll/core/oci/content';
import { type Digest, hexOf } from '@plimsoll/core/oci/digest';
import { readGraph } from '@plimsoll/core/oci/graph';
import { descriptorOf } from '@plimsoll/core/oci/manifest';

/** Copies an image out of a registry into a layout directory, byte for byte, without what hangs on it. */
export async function writeLayoutOf(source: ContentSource, digest: Digest, directory: string): Promise<void> {
  const root = descriptorOf(await source.manifest(digest));
  const { nodes } = await readGraph(source, root, { referrers: false });
  const blobs = path.join(directory, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  for (const { blob, blobs: parts } of nodes.values()) {
    writeFileSync(path.join(blobs, hexOf(blob.digest)), blob.bytes);
    for (const part of parts)
      writeFileSync(path.join(blobs, hexOf(part.digest)), await readBytes(await source.blob(part)));
  }
  writeFileSync(path.join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(path.join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [root] }));
}
