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

/** Everything reachable from one root. Referrers may form chains; digests make a loop of children impossible. */
export interface Graph {
  readonly root: Descriptor;
  readonly nodes: ReadonlyMap<Digest, GraphNode>;
}

export interface GraphOptions {
  /** Follows `subject` edges as well, of every node and at any depth. */
  readonly referrers: boolean;
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
  const nodes = new Map<Digest, GraphNode>();
  const visits = new Map<Digest, Promise<void>>();
  const visit = (descriptor: Descriptor): Promise<void> => {
    const known = visits.get(descriptor.digest);
    if (known !== undefined) return known;
    if (visits.size >= MOST_NODES) throw endless(root);
    const visiting = read(descriptor);
    visits.set(descriptor.digest, visiting);
    // The first failure ends the walk; those behind it must not end the process.
    visiting.catch(() => {});
    return visiting;
  };
  const read = async (descriptor: Descriptor): Promise<void> => {
    const { node, next } = await readNode(source, descriptor, options);
    nodes.set(descriptor.digest, node);
    // Not awaited inside one another: two nodes that wait for each other would wait for ever.
    pending.push(...next.map(visit));
  };
  const pending: Promise<void>[] = [visit(root)];
  for (let wave = pending.splice(0); wave.length > 0; wave = pending.splice(0)) await Promise.all(wave);
  return { root, nodes };
}

async function readNode(source: ContentSource, descriptor: Descriptor, options: GraphOptions) {
  const [blob, referrers] = await Promise.all([
    source.manifest(descriptor.digest),
    options.referrers ? source.referrers(descriptor.digest) : [],
  ]);
  if (blob.bytes.length !== descriptor.size) throw wrongSize(descriptor, blob.bytes.length);
  const manifest = parseManifest(blob);
  const children =
    manifest.kind === 'index' ? manifest.manifests.filter((child) => isManifestType(child.mediaType)) : [];
  const node: GraphNode = {
    descriptor,
    blob,
    manifest,
    children: children.map((child) => child.digest),
    blobs: [...blobsOf(manifest), ...otherEntries(manifest)],
    referrers: referrers.map((referrer) => referrer.digest),
  };
  return { node, next: [...children, ...referrers] };
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
