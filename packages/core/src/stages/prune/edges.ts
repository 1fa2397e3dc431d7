import type { ManifestBlob } from '../../oci/content.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { PlimsollError } from '../../runtime/errors.ts';

/** A digest with what its parent says of it. */
export interface Edge {
  readonly digest: Digest;
  /** As the parent describes it; empty when it does not say. */
  readonly mediaType: string;
  /** Bytes; 0 when the parent does not say. */
  readonly size: number;
}

/** What a manifest points to. Immutable, as its digest is: safe to cache for ever. */
export interface ManifestNode {
  readonly digest: Digest;
  /** Bytes of the manifest itself. */
  readonly size: number;
  readonly children: readonly Edge[];
  readonly blobs: readonly Edge[];
  readonly subject?: Digest;
}

/** Media types of manifests that cannot point to other manifests, save through `subject`. */
const LEAF_TYPES: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
]);

/** True when a descriptor of this media type needs no read: what it names has no children. */
export function isLeaf(edge: Edge): boolean {
  return LEAF_TYPES.has(edge.mediaType);
}

/**
 * Reads the edges of any manifest. Unknown media types are taken by their content: build caches,
 * charts and modules without `manifests` are leaves, anything with `manifests` has children.
 * @throws PlimsollError `manifest-invalid` when it is not a JSON object or names something that is no digest
 */
export function readEdges(blob: ManifestBlob): ManifestNode {
  const content = parseObject(blob);
  const subject = content.subject === undefined || content.subject === null ? undefined : edgeOf(content.subject, blob);
  return {
    digest: blob.digest,
    size: blob.bytes.length,
    children: edgesOf(content.manifests, blob),
    blobs: [...(content.config === undefined ? [] : edgesOf([content.config], blob)), ...edgesOf(content.layers, blob)],
    ...(subject !== undefined && { subject: subject.digest }),
  };
}

function parseObject(blob: ManifestBlob): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(blob.bytes.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    throw unusable(blob, 'is not JSON', cause);
  }
  throw unusable(blob, 'is not a JSON object');
}

function edgesOf(list: unknown, blob: ManifestBlob): Edge[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw unusable(blob, 'has a list that is none');
  return list.map((item: unknown) => edgeOf(item, blob));
}

function edgeOf(item: unknown, blob: ManifestBlob): Edge {
  const { digest, mediaType, size } = (typeof item === 'object' && item !== null ? item : {}) as Record<
    string,
    unknown
  >;
  if (typeof digest !== 'string' || !isDigest(digest)) throw unusable(blob, 'has a descriptor without a digest');
  return {
    digest,
    mediaType: typeof mediaType === 'string' ? mediaType : '',
    size: typeof size === 'number' ? size : 0,
  };
}

function unusable(blob: ManifestBlob, problem: string, cause?: unknown): PlimsollError {
  return new PlimsollError('manifest-invalid', `The manifest ${blob.digest} ${problem}`, {
    hint: 'Nothing can be deleted while it is unknown what this version needs. Delete it by hand, or push it again.',
    cause,
  });
}
