import type { ManifestBlob } from '../../oci/content.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { MANIFEST_TYPES } from '../../oci/media-types.ts';
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

/** The same text once for all: a large package names each of these types a hundred thousand times. */
const KNOWN_TYPES: ReadonlyMap<string, string> = new Map(
  [...LEAF_TYPES, ...MANIFEST_TYPES].map((type) => [type, type]),
);

/** Gives the text of a digest that is in memory already, if any is. */
export type Share = (digest: Digest) => Digest;

const NOTHING: readonly unknown[] = [];

/** BuildKit's registry cache is an index whose `manifests` are layers and a configuration of its own. */
const LISTED_BLOB = /^application\/vnd\.(?:(?:oci|docker)\.image\.(?:layer|rootfs)\.|buildkit\.cacheconfig\.)/;

/** True when a descriptor of this media type needs no read: what it names has no children. */
export function isLeaf(edge: Edge): boolean {
  return LEAF_TYPES.has(edge.mediaType);
}

function isListedBlob({ mediaType }: Edge): boolean {
  return !KNOWN_TYPES.has(mediaType) && LISTED_BLOB.test(mediaType);
}

/**
 * Reads the edges of any manifest. Unknown media types are taken by their content: build caches,
 * charts and modules without `manifests` are leaves, anything with `manifests` has children.
 * @throws PlimsollError `manifest-invalid` when it is not a JSON object or names something that is no digest
 */
export function readEdges(blob: ManifestBlob, share: Share = (digest) => digest): ManifestNode {
  const content = parseObject(blob);
  const edgeOf = (item: unknown) => edgeIn(item, blob, share);
  const edgesOf = (list: unknown) => listIn(list, blob).map(edgeOf);
  const subject = content.subject === undefined || content.subject === null ? undefined : edgeOf(content.subject);
  const listed = edgesOf(content.manifests);
  return {
    digest: blob.digest,
    size: blob.bytes.length,
    children: listed.filter((edge) => !isListedBlob(edge)),
    blobs: [
      ...listed.filter(isListedBlob),
      ...(content.config === undefined ? [] : [edgeOf(content.config)]),
      ...edgesOf(content.layers),
    ],
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

function listIn(list: unknown, blob: ManifestBlob): readonly unknown[] {
  if (list === undefined || list === null) return NOTHING;
  if (!Array.isArray(list)) throw unusable(blob, 'has a list that is none');
  return list;
}

function edgeIn(item: unknown, blob: ManifestBlob, share: Share): Edge {
  const { digest, mediaType, size } = (typeof item === 'object' && item !== null ? item : {}) as Record<
    string,
    unknown
  >;
  if (typeof digest !== 'string' || !isDigest(digest)) throw unusable(blob, 'has a descriptor without a digest');
  return {
    digest: share(digest),
    mediaType: typeof mediaType === 'string' ? (KNOWN_TYPES.get(mediaType) ?? mediaType) : '',
    size: typeof size === 'number' ? size : 0,
  };
}

function unusable(blob: ManifestBlob, problem: string, cause?: unknown): PlimsollError {
  return new PlimsollError('manifest-invalid', `The manifest ${blob.digest} ${problem}`, {
    hint: 'Nothing can be deleted while it is unknown what this version needs. Delete it by hand, or push it again.',
    cause,
  });
}
