import type { Digest } from '../../oci/digest.ts';
import type { PackageVersion } from '../../policy/retention-rules.ts';
import type { Liveness } from './liveness.ts';

/**
 * Bytes that nothing names any more once the doomed are gone, each blob counted once. Exact only when
 * every living manifest was read; reading them all just for this would count as downloads.
 */
export function reclaimable(
  doomed: readonly PackageVersion[],
  { live, nodes }: Liveness,
): { bytes: number; exact: boolean } {
  const blobs = new Map<Digest, number>();
  let manifests = 0;
  for (const { digest } of doomed) {
    const node = nodes.get(digest);
    manifests += node?.size ?? 0;
    for (const blob of node?.blobs ?? []) blobs.set(blob.digest, blob.size);
  }
  for (const digest of live.keys()) for (const blob of nodes.get(digest)?.blobs ?? []) blobs.delete(blob.digest);
  const bytes = [...blobs.values()].reduce((sum, size) => sum + size, manifests);
  return { bytes, exact: blobs.size === 0 || [...live.keys()].every((digest) => nodes.has(digest)) };
}
