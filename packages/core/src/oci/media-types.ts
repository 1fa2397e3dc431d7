/** Image manifest and index of OCI and of Docker (schema 2); older schemas are not supported. */
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const DOCKER_INDEX = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

/** Config of an image, and the two-byte `{}` that stands where there is no config. */
export const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
export const DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json';
export const EMPTY = 'application/vnd.oci.empty.v1+json';

/** What a client sends as `Accept` for a manifest; registries fall back to schema 1 without it. */
export const MANIFEST_TYPES: readonly string[] = [OCI_INDEX, OCI_MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST];

/** Layers that the specification says not to push: their bytes live at `urls` (layer.md, "Non-Distributable Layers"). */
const FOREIGN_LAYERS: ReadonlySet<string> = new Set([
  'application/vnd.docker.image.rootfs.foreign.diff.tar',
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
  'application/vnd.oci.image.layer.nondistributable.v1.tar',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
]);

const LAYER = /^application\/vnd\.(?:oci\.image\.layer\.|docker\.image\.rootfs\.)/;

export function isIndexType(mediaType: string): boolean {
  return mediaType === OCI_INDEX || mediaType === DOCKER_INDEX;
}

export function isImageManifestType(mediaType: string): boolean {
  return mediaType === OCI_MANIFEST || mediaType === DOCKER_MANIFEST;
}

/** True for anything that is fetched from `/manifests/` and not from `/blobs/`. */
export function isManifestType(mediaType: string): boolean {
  return isIndexType(mediaType) || isImageManifestType(mediaType);
}

export function isImageConfigType(mediaType: string): boolean {
  return mediaType === OCI_CONFIG || mediaType === DOCKER_CONFIG;
}

/** True for a layer of a filesystem, of whatever compression, as against an artifact's blob. */
export function isLayerType(mediaType: string): boolean {
  return LAYER.test(mediaType);
}

export function isForeignLayerType(mediaType: string): boolean {
  return FOREIGN_LAYERS.has(mediaType);
}

/** The bare, lower-case type of a `Content-Type` header, without its parameters. */
export function bareMediaType(contentType: string | undefined): string {
  return (contentType?.split(';', 1)[0] ?? '').trim().toLowerCase();
}
