import type { ContentSource, ContentTarget } from './content.ts';
import { type Present, TargetPresence } from './copy-presence.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import { type AccessoryTag, type Graph, type GraphNode, readGraph } from './graph.ts';
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
  /** By subject: the referrers that are to be found under it and are not yet. */
  readonly referrers: ReadonlyMap<Digest, readonly Digest[]>;
  /** Whether the target has the root already. */
  readonly published: boolean;
  /** Accessory tags to write. */
  readonly tags: readonly AccessoryTag[];
}

export interface CopyPlanRequest {
  readonly source: ContentSource;
  readonly target: ContentTarget;
  readonly root: Descriptor;
  /** Takes signatures and attestations along, of every manifest and at any depth. */
  readonly referrers: boolean;
  /**
   * What the caller knows of the root at the target. One that is `unlikely` to be there is not asked for; if it is
   * there after all, its manifests and small blobs are sent once more.
   */
  readonly published?: boolean | 'unlikely';
  /** Told of the blobs of a root that is unlikely to be there, as soon as they are known and asked for. */
  readonly foreseen?: ((blobs: readonly Descriptor[]) => void) | undefined;
}

/** Blobs up to this many bytes are sent without asking whether they are there: asking takes as long. */
const NOT_WORTH_ASKING = 512 * 1024;

/**
 * Walks the source's graph and asks the target what it has. What a manifest refers to is there when the
 * manifest is: a registry refuses one whose blobs are missing. Where the root is missing, manifests are not asked
 * for: putting one that is there costs no more.
 *
 * @throws PlimsollError what source and target throw
 */
export async function planCopy(request: CopyPlanRequest): Promise<CopyPlan> {
  const { source, target, root, referrers, published, foreseen } = request;
  // Asking for the root meanwhile has the target's challenge and token ready when the walk is done.
  const rootThere = isSure(published) ? Promise.resolve(published === true) : target.resolve(root.digest).then(isThere);
  const presence = new TargetPresence(target, rootThere);
  const has = askedOnce(target);
  const reading = readGraph(source, root, { referrers, watch: presence });
  // What nobody has looked for is most likely new: its layers are asked for together with the root.
  const early =
    published === undefined || published === 'unlikely'
      ? reading.then((read) => {
          const blobs = movable(whole(read));
          const asking = missingBlobs(blobs, has);
          if (published === 'unlikely') foreseen?.(blobs);
          return asking;
        })
      : reading;
  early.catch(() => {});
  const [graph, known] = await Promise.all([reading, rootThere]);
  const nodes = [...graph.nodes.values()];
  const there = await presence.of(graph);
  const manifests = nodes.map((node) => ({ node, present: there.manifests.has(node.descriptor.digest) }));
  const absent = manifests.filter(({ present }) => !present);
  const blobs = await missingBlobs(movable(absent), has);
  const bytesToMove = sum(blobs.map((blob) => blob.size)) + sum(absent.map(({ node }) => node.blob.bytes.length));
  const all = sum(movable(manifests).map((blob) => blob.size)) + sum(nodes.map((node) => node.blob.bytes.length));
  return {
    root,
    graph,
    manifests,
    blobs,
    bytesToMove,
    bytesPresent: all - bytesToMove,
    referrers: unrecorded(graph, there),
    published: known,
    tags: await missingTags(graph, target),
  };
}

type HasBlob = ContentTarget['hasBlob'];

function askedOnce(target: ContentTarget): HasBlob {
  const asked = new Map<Digest, Promise<boolean>>();
  return (blob) => {
    const answer = asked.get(blob.digest) ?? target.hasBlob(blob);
    asked.set(blob.digest, answer);
    return answer;
  };
}

async function missingBlobs(blobs: readonly Descriptor[], has: HasBlob): Promise<readonly Descriptor[]> {
  const there = await Promise.all(blobs.map(async (blob) => blob.size > NOT_WORTH_ASKING && (await has(blob))));
  return blobs.filter((_blob, index) => there[index] === false);
}

function unrecorded(graph: Graph, { recorded }: Present): CopyPlan['referrers'] {
  const entries = [...graph.nodes.values()].map(({ descriptor, referrers }) => {
    const known = recorded.get(descriptor.digest);
    return [descriptor.digest, referrers.filter((digest) => known?.has(digest) !== true)] as const;
  });
  return new Map(entries.filter(([, digests]) => digests.length > 0));
}

/** The accessory tags that do not point there yet. */
async function missingTags({ tags }: Graph, target: ContentTarget): Promise<readonly AccessoryTag[]> {
  const there = await Promise.all(tags.map(({ name }) => target.resolve(name)));
  return tags.filter(({ digest }, index) => there[index]?.digest !== digest);
}

const whole = ({ nodes }: Graph) => [...nodes.values()].map((node) => ({ node }));

/** The blobs of these manifests, each once, without layers that the specification says not to push. */
function movable(manifests: readonly Pick<CopyManifest, 'node'>[]): readonly Descriptor[] {
  const blobs = manifests.flatMap(({ node }) => node.blobs).filter((blob) => !isForeignLayerType(blob.mediaType));
  return [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
}

const isSure = (published: CopyPlanRequest['published']) => published === true || published === 'unlikely';
const isThere = (descriptor: Descriptor | undefined): boolean => descriptor !== undefined;
const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
