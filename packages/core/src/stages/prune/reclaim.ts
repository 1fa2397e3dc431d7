import type { Digest } from '../../oci/digest.ts';
import type { ManifestNode } from './edges.ts';

interface Remaining {
  readonly nodes: ReadonlyMap<Digest, ManifestNode>;
  readonly survivors: Iterable<Digest>;
}

/**
 * Bytes that nothing names any more once the doomed are gone, each blob counted once. Exact only when
 * every survivor was read; reading them all just for this would count as downloads.
 */
export function reclaimable(
  doomed: readonly { readonly digest: Digest }[],
  { nodes, survivors }: Remaining,
): { readonly bytes: number; readonly exact: boolean } {
  const blobs = new Map<Digest, number>();
  let manifests = 0;
  for (const { digest } of doomed) {
    const node = nodes.get(digest);
    manifests += node?.size ?? 0;
    for (const blob of node?.blobs ?? []) blobs.set(blob.digest, blob.size);
  }
  let exact = true;
  for (const digest of survivors) {
    const node = nodes.get(digest);
    exact &&= node !== undefined;
    for (const blob of node?.blobs ?? []) blobs.delete(blob.digest);
  }
  let bytes = manifests;
  for (const size of blobs.values()) bytes += size;
  return { bytes, exact: exact || blobs.size === 0 };
}
