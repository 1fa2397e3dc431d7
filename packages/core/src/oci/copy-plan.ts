import type { ContentSource, ContentTarget } from './content.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import { type Graph, type GraphNode, readGraph } from './graph.ts';
import { isForeignLayerType } from './media-types.ts';

/** A manifest of the graph and whether the target has it already. */
export interface CopyManifest {
  readonly node: GraphNode;
  readonly present: boolean;
}

/** Everything a copy will do, worked out before a byte moves. */
export interface CopyPlan {
  readonly root: Descriptor;
  readonly graph: Graph;
  /** Every manifest of the graph, in the order in which they were found: the root first. */
  readonly manifests: readonly CopyManifest[];
  /** Blobs to upload, each once however many manifests share it. */
  readonly blobs: readonly Descriptor[];
  readonly bytesToMove: number;
  readonly bytesPresent: number;
  /** By subject: the referrers that must be found under it afterwards. */
  readonly referrers: ReadonlyMap<Digest, readonly Digest[]>;
}

export interface CopyPlanRequest {
  readonly source: ContentSource;
  readonly target: ContentTarget;
  readonly root: Descriptor;
  /** Takes signatures and attestations along, of every manifest and at any depth. */
  readonly referrers: boolean;
}

/**
 * Walks the source's graph and asks the target what it has. Blobs of a manifest that is there are
 * there too: a registry refuses a manifest whose blobs are missing.
 *
 * @throws PlimsollError what source and target throw
 */
export async function planCopy({ source, target, root, referrers }: CopyPlanRequest): Promise<CopyPlan> {
  // Asking for the root meanwhile has the target's challenge and token ready when the walk is done.
  const [graph, rootThere] = await Promise.all([readGraph(source, root, { referrers }), target.resolve(root.digest)]);
  const nodes = [...graph.nodes.values()];
  const manifests = await Promise.all(
    nodes.map(async (node) => {
      const { digest } = node.descriptor;
      const there = digest === root.digest ? rootThere : await target.resolve(digest);
      return { node, present: there !== undefined };
    }),
  );
  const due = movable(manifests.filter(({ present }) => !present));
  const there = await Promise.all(due.map((blob) => target.hasBlob(blob)));
  const blobs = due.filter((_blob, index) => there[index] === false);
  const missing = manifests.filter(({ present }) => !present).map(({ node }) => node.blob.bytes.length);
  const bytesToMove = sum(blobs.map((blob) => blob.size)) + sum(missing);
  const all = sum(movable(manifests).map((blob) => blob.size)) + sum(nodes.map((node) => node.blob.bytes.length));
  const bySubject = new Map(
    nodes.filter((node) => node.referrers.length > 0).map((node) => [node.descriptor.digest, node.referrers]),
  );
  return { root, graph, manifests, blobs, bytesToMove, bytesPresent: all - bytesToMove, referrers: bySubject };
}

/** The blobs of these manifests, each once, without layers that the specification says not to push. */
function movable(manifests: readonly CopyManifest[]): readonly Descriptor[] {
  const blobs = manifests.flatMap(({ node }) => node.blobs).filter((blob) => !isForeignLayerType(blob.mediaType));
  return [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
}

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
