import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Descriptor } from '@plimsoll/core/oci/descriptor';
import { type Digest, digestOf, hexOf } from '@plimsoll/core/oci/digest';
import { OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from '@plimsoll/core/oci/media-types';
import { type Tree, tar } from './tar.ts';

/** An image of one platform: what it is made of, layer by layer. */
export interface PlatformImage {
  /** Such as `arm64`; the operating system is linux. */
  readonly architecture: string;
  readonly layers: readonly Tree[];
}

export interface WrittenLayout {
  readonly directory: string;
  /** Of the image index. */
  readonly digest: Digest;
  /** Manifests by architecture. */
  readonly platforms: Readonly<Record<string, Digest>>;
}

const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
const IN_TOTO = 'application/vnd.in-toto+json';

/**
 * Writes an OCI layout shaped as BuildKit's: one image index, a manifest per platform, and an
 * attestation manifest beside each.
 */
export function writeImageLayout(directory: string, images: readonly PlatformImage[]): WrittenLayout {
  mkdirSync(path.join(directory, 'blobs', 'sha256'), { recursive: true });
  const put = (bytes: Buffer, mediaType: string): Descriptor => {
    const digest = digestOf(bytes);
    writeFileSync(path.join(directory, 'blobs', 'sha256', hexOf(digest)), bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const manifests = images.map((image) => writePlatform(image, put));
  const attestations = manifests.map(({ digest }) => writeAttestation(digest, put));
  const index = put(
    json({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [...manifests, ...attestations] }),
    OCI_INDEX,
  );
  writeFileSync(path.join(directory, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
  writeFileSync(
    path.join(directory, 'index.json'),
    json({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [index] }),
  );
  const platforms = Object.fromEntries(images.map(({ architecture }, at) => [architecture, manifests[at]?.digest]));
  return { directory, digest: index.digest, platforms: platforms as Record<string, Digest> };
}

type Put = (bytes: Buffer, mediaType: string) => Descriptor;

function writePlatform({ architecture, layers }: PlatformImage, put: Put): Descriptor {
  const archives = layers.map(tar);
  const diffIds = archives.map((archive) => `sha256:${createHash('sha256').update(archive).digest('hex')}`);
  const blobs = archives.map((archive) => put(gzipSync(archive), LAYER));
  const platform = { os: 'linux', architecture };
  const history = layers.map(() => ({ created: '2026-01-01T00:00:00Z', created_by: 'COPY . / # buildkit' }));
  const config = put(
    json({ ...platform, config: {}, rootfs: { type: 'layers', diff_ids: diffIds }, history }),
    OCI_CONFIG,
  );
  const manifest = put(json({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: blobs }), OCI_MANIFEST);
  return { ...manifest, platform };
}

function writeAttestation(target: Digest, put: Put): Descriptor {
  const config = put(
    json({ architecture: 'unknown', os: 'unknown', config: {}, rootfs: { type: 'layers', diff_ids: [] } }),
    OCI_CONFIG,
  );
  const statement = put(
    json({ _type: 'https://in-toto.io/Statement/v0.1', subject: [], predicateType: 'x', predicate: {} }),
    IN_TOTO,
  );
  const manifest = put(json({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [statement] }), OCI_MANIFEST);
  const annotations = { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': target };
  return { ...manifest, platform: { os: 'unknown', architecture: 'unknown' }, annotations };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
