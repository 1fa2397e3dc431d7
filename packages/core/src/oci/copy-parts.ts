import { platformName } from './descriptor.ts';
import type { Digest } from './digest.ts';
import { type Graph, type GraphNode, isPlatformEntry } from './graph.ts';

/** What hangs on an image: signatures, attestations, SBOMs. */
const EVIDENCE = 'evidence';

interface Named {
  readonly digest: Digest;
  readonly part: string | undefined;
}

/**
 * Of what each blob is a part, for people who watch a copy: a platform, such as `linux/arm64/v8`, or evidence. A blob
 * that platforms share counts for the first of them. An image of one platform has no parts but its evidence.
 */
export function partsOf(graph: Graph): ReadonlyMap<Digest, string> {
  const hung = [...graph.nodes.values()].flatMap(({ referrers }) => referrers);
  const evidence = [...hung, ...graph.tags.map(({ digest }) => digest)].map((digest) => ({ digest, part: EVIDENCE }));
  const parts = new Map<Digest, string>();
  const seen = new Set<Digest>();
  // Not recursive: a registry decides how deep indexes nest. What is due grows while it is gone through.
  for (const due of [[{ digest: graph.root.digest, part: undefined }], evidence] as Named[][]) {
    for (const { digest, part } of due) {
      const node = graph.nodes.get(digest);
      if (node === undefined || seen.has(digest)) continue;
      seen.add(digest);
      for (const blob of node.blobs) if (part !== undefined && !parts.has(blob.digest)) parts.set(blob.digest, part);
      due.push(...entriesOf(node, part));
    }
  }
  return parts;
}

function entriesOf({ manifest }: GraphNode, part: string | undefined): readonly Named[] {
  if (manifest.kind !== 'index') return [];
  return manifest.manifests.map((entry) => {
    const { digest, platform } = entry;
    if (!isPlatformEntry(entry)) return { digest, part: EVIDENCE };
    return { digest, part: platform === undefined ? part : platformName(platform) };
  });
}
