import type { Digest } from '../../oci/digest.ts';
import type { ManifestNode } from './edges.ts';

interface Remaining {
  readonly nodes: ReadonlyMap<Digest, ManifestNode>;
  readonly survivors: ReadonlySet<Digest>;
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
  for (const digest of survivors) for (const blob of nodes.get(digest)?.blobs ?? []) blobs.delete(blob.digest);
  const bytes = [...blobs.values()].reduce((sum, size) => sum + size, manifests);
  return { bytes, exact: blobs.size === 0 || [...survivors].every((digest) => nodes.has(digest)) };
}
