import { Accessories } from './accessories.ts';
import type { ContentSource, ManifestBlob } from './content.ts';
import { PlimsollError } from '../runtime/errors.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import { attestationTarget, blobsOf, type Manifest, parseManifest } from './manifest.ts';
import { isManifestType } from './media-types.ts';

/** A manifest or index and its edges. */
export interface GraphNode {
  readonly descriptor: Descriptor;
  readonly blob: ManifestBlob;
  readonly manifest: Manifest;
  /** Digests of the manifests that an index lists, attestation manifests and nested indexes among them. */
  readonly children: readonly Digest[];
  /** Config and layers. */
  readonly blobs: readonly Descriptor[];
  /** Digests of the manifests whose `subject` this is. */
  readonly referrers: readonly Digest[];
}

/** A tag that belongs to a manifest by its name alone, such as cosign's `sha256-<hex>.sig`. */
export interface AccessoryTag {
  readonly name: string;
  readonly digest: Digest;
}

/** Everything reachable from one root. Referrers may form chains; digests make a loop of children impossible. */
export interface Graph {
  readonly root: Descriptor;
  readonly nodes: ReadonlyMap<Digest, GraphNode>;
  /** Signatures and the like of before OCI 1.1; what they point to is among the nodes. */
  readonly tags: readonly AccessoryTag[];
}

export interface GraphOptions {
  /** Follows `subject` edges and accessory tags as well, of every node and at any depth. */
  readonly referrers: boolean;
  /** Told of edges as soon as they are known, while the rest of the graph is still being read. */
  readonly watch?: GraphWatch;
}

export interface GraphWatch {
  /** What an index lists. */
  children(digests: readonly Digest[]): void;
  /** What is said to refer to a subject, before it was read; may be told in parts. */
  referrers(subject: Digest, unproven: readonly Digest[]): void;
}

/** More manifests than any real image has: a registry that invents referrers must not fill the memory. */
const MOST_NODES = 20_000;

/**
 * Reads the whole graph below a descriptor, each manifest once and as many at a time as the source
 * lets through.
 *
 * @throws PlimsollError `manifest-invalid` also for a graph without end, `digest-mismatch` for a manifest
 *   of another size than its descriptor says, and what the source throws
 */
export async function readGraph(source: ContentSource, root: Descriptor, options: GraphOptions): Promise<Graph> {
  const accessories = options.referrers ? new Accessories(source) : undefined;
  const walk = new GraphWalk({ source, root, accessories, watch: options.watch });
  await walk.take([root], true);
  const tags = accessories === undefined ? [] : await takeTagged(walk, accessories);
  return { root, nodes: walk.inOrder(), tags };
}

/** What is tagged onto the nodes, and onto what is found that way: attestations may be signed. */
async function takeTagged(walk: GraphWalk, accessories: Accessories): Promise<readonly AccessoryTag[]> {
  const tags: AccessoryTag[] = [];
  for (;;) {
    const fresh = walk.fresh();
    if (fresh.length === 0) return tags;
    const found = await accessories.tagged(fresh);
    tags.push(...found.map(({ name, descriptor }) => ({ name, digest: descriptor.digest })));
    const descriptors = found.map(({ descriptor }) => descriptor);
    await walk.take(descriptors, false);
  }
}

interface WalkPorts {
  readonly source: ContentSource;
  readonly root: Descriptor;
  readonly accessories: Accessories | undefined;
  readonly watch: GraphWatch | undefined;
}

class GraphWalk {
  readonly nodes = new Map<Digest, GraphNode>();
  readonly #ports: WalkPorts;
  readonly #visited = new Set<Digest>();
  readonly #pending: Promise<void>[] = [];
  #seen = 0;

  constructor(ports: WalkPorts) {
    this.#ports = ports;
  }

  /** Reads these and all that follows from them, each as soon as it is known. */
  async take(starts: readonly Descriptor[], listed: boolean): Promise<void> {
    for (const start of starts) this.#visit(start, listed);
    // Not awaited inside one another: two nodes that wait for each other would wait for ever.
    for (let wave = this.#pending.splice(0); wave.length > 0; wave = this.#pending.splice(0)) await Promise.all(wave);
  }

  /** The nodes that were added since the last call. */
  fresh(): readonly Digest[] {
    const digests = [...this.nodes.keys()].slice(this.#seen);
    this.#seen = this.nodes.size;
    return digests;
  }

  /** In the order in which they were found, whichever was read first. */
  inOrder(): ReadonlyMap<Digest, GraphNode> {
    const nodes = [...this.#visited].map((digest) => this.nodes.get(digest));
    return new Map(nodes.flatMap((node) => (node === undefined ? [] : [[node.descriptor.digest, node]])));
  }

  #visit(descriptor: Descriptor, listed: boolean): void {
    if (this.#visited.has(descriptor.digest)) return;
    if (this.#visited.size >= MOST_NODES) throw endless(this.#ports.root);
    this.#visited.add(descriptor.digest);
    const visiting = this.#read(descriptor, listed);
    // The first failure ends the walk; those behind it must not end the process.
    visiting.catch(() => {});
    this.#pending.push(visiting);
  }

  /** @param listed - part of the image, not hung onto it */
  async #read(descriptor: Descriptor, listed: boolean): Promise<void> {
    const [read, referrers] = await Promise.all([this.#content(descriptor, listed), this.#hung(descriptor, listed)]);
    const node = { ...read, referrers: referrers.map((referrer) => referrer.digest) };
    this.nodes.set(descriptor.digest, node);
  }

  async #content(descriptor: Descriptor, listed: boolean) {
    const { children, ...content } = contentOf(descriptor, await this.#ports.source.manifest(descriptor.digest));
    for (const child of children) this.#visit(child, listed);
    const digests = children.map((child) => child.digest);
    this.#ports.watch?.children(digests);
    return { ...content, children: digests };
  }

  async #hung({ digest }: Descriptor, listed: boolean): Promise<readonly Descriptor[]> {
    const { accessories, watch } = this.#ports;
    const seen = (unproven: readonly Descriptor[]) =>
      watch?.referrers(
        digest,
        unproven.map((one) => one.digest),
      );
    const referrers = (await accessories?.referrers(digest, listed, seen)) ?? [];
    for (const referrer of referrers) this.#visit(referrer, false);
    return referrers;
  }
}

function contentOf(descriptor: Descriptor, blob: ManifestBlob) {
  if (blob.bytes.length !== descriptor.size) throw wrongSize(descriptor, blob.bytes.length);
  const manifest = parseManifest(blob);
  const children =
    manifest.kind === 'index' ? manifest.manifests.filter((child) => isManifestType(child.mediaType)) : [];
  return { descriptor, blob, manifest, children, blobs: [...blobsOf(manifest), ...otherEntries(manifest)] };
}

/** Entries of an index that are not manifests are blobs like any other (image-spec, image-index.md). */
function otherEntries(manifest: Manifest): readonly Descriptor[] {
  return manifest.kind === 'index' ? manifest.manifests.filter((entry) => !isManifestType(entry.mediaType)) : [];
}

/** True for an entry of an index that is a platform's image, not BuildKit's attestations about one. */
export function isPlatformEntry(descriptor: Descriptor): boolean {
  const { os, architecture } = descriptor.platform ?? {};
  return attestationTarget(descriptor) === undefined && !(os === 'unknown' && architecture === 'unknown');
}

function wrongSize(descriptor: Descriptor, size: number): PlimsollError {
  return new PlimsollError('digest-mismatch', `${descriptor.digest} has ${size} bytes, not ${descriptor.size}`, {
    hint: 'Whatever wrote the index that lists it is broken. Build the image again; it was not used.',
  });
}

function endless(root: Descriptor): PlimsollError {
  return new PlimsollError('manifest-invalid', `${root.digest} leads to more than ${MOST_NODES} manifests`, {
    hint: 'Look at its referrers with a registry client: something attaches to this image without end.',
  });
}
