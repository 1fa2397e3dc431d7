import { mapConcurrently } from '../runtime/concurrent.ts';
import type { Descriptor } from './descriptor.ts';
import { readGraph } from './graph.ts';
import type { Layout } from './layout.ts';
import { isForeignLayerType } from './media-types.ts';

/** What a layout holds. */
export interface LayoutContent {
  readonly manifests: number;
  readonly blobs: number;
  /** Bytes of manifests and blobs, each counted once. */
  readonly bytes: number;
}

/**
 * Reads all of a layout once and checks every digest and size in it.
 *
 * @throws PlimsollError `layout-invalid` for what is missing, `digest-mismatch`, `manifest-invalid`
 */
export async function verifyLayout(layout: Layout): Promise<LayoutContent> {
  const { nodes } = await readGraph(layout, layout.root, { referrers: false });
  const manifests = [...nodes.values()];
  const all = manifests.flatMap((node) => node.blobs).filter((blob) => !isForeignLayerType(blob.mediaType));
  const blobs = [...new Map(all.map((blob) => [blob.digest, blob])).values()];
  await mapConcurrently(blobs, 4, (blob) => readThrough(layout, blob));
  const sizes = [...manifests.map((node) => node.blob.bytes.length), ...blobs.map((blob) => blob.size)];
  return { manifests: manifests.length, blobs: blobs.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** The stream itself checks. */
async function readThrough(layout: Layout, blob: Descriptor): Promise<void> {
  const chunks = (await layout.blob(blob))[Symbol.asyncIterator]();
  while ((await chunks.next()).done !== true);
}
