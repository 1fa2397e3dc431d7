import { gzipSync } from 'node:zlib';
import { type Blob, type BlobDescriptor, blobOf, descriptorOf, digest } from './blob.ts';

/** One platform of an image. */
export interface PlatformImage {
  readonly architecture: string;
  /** Uncompressed tar archives, the lowest first. */
  readonly layers: readonly Buffer[];
  /** The `config` member of the image configuration. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** Everything of an image: its manifests and blobs, children before parents, and its root. */
export interface ImageContent {
  readonly blobs: readonly Blob[];
  readonly manifests: readonly Blob[];
  readonly root: Blob;
}

const OCI = 'application/vnd.oci.image';
/** Nothing here depends on when it is made. */
const CREATED = '2026-01-01T00:00:00Z';

/** An index of one image for each platform (OCI image specification 1.1). */
export function imageIndex(platforms: readonly PlatformImage[]): ImageContent {
  const parts = platforms.map(platformManifest);
  const manifests = parts.map((part, position) => ({
    ...descriptorOf(part.manifest),
    platform: { os: 'linux', architecture: platforms[position]?.architecture ?? '' },
  }));
  const mediaType = `${OCI}.index.v1+json`;
  const root = blobOf(mediaType, { schemaVersion: 2, mediaType, manifests });
  return {
    blobs: parts.flatMap((part) => part.blobs),
    manifests: [...parts.map((part) => part.manifest), root],
    root,
  };
}

/** A manifest of one artifact whose layers are given (image specification, "Guidelines for Artifact Usage"). */
export function artifact(
  artifactType: string,
  layers: readonly (Blob & Pick<BlobDescriptor, 'annotations'>)[],
): ImageContent {
  const config = blobOf('application/vnd.oci.empty.v1+json', {});
  const mediaType = `${OCI}.manifest.v1+json`;
  const root = blobOf(mediaType, {
    schemaVersion: 2,
    mediaType,
    artifactType,
    config: descriptorOf(config),
    layers: layers.map((layer) => ({ ...descriptorOf(layer), annotations: layer.annotations })),
  });
  return { blobs: [config, ...layers], manifests: [root], root };
}

function platformManifest({ architecture, layers, config }: PlatformImage): { manifest: Blob; blobs: Blob[] } {
  const compressed = layers.map((layer) => blobOf(`${OCI}.layer.v1.tar+gzip`, gzipSync(layer, { level: 4 })));
  const configuration = blobOf(`${OCI}.config.v1+json`, {
    created: CREATED,
    architecture,
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: layers.map(digest) },
    history: layers.map(() => ({ created: CREATED, created_by: 'plimsoll testkit' })),
  });
  const mediaType = `${OCI}.manifest.v1+json`;
  const manifest = blobOf(mediaType, {
    schemaVersion: 2,
    mediaType,
    config: descriptorOf(configuration),
    layers: compressed.map(descriptorOf),
  });
  return { manifest, blobs: [configuration, ...compressed] };
}
