import { createHash, randomBytes } from 'node:crypto';
import { noCredentials } from '@plimsoll/core/oci/auth/credentials';
import type { Descriptor, Platform } from '@plimsoll/core/oci/descriptor';
import { digestOf } from '@plimsoll/core/oci/digest';
import { OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from '@plimsoll/core/oci/media-types';
import { attachReferrers } from '@plimsoll/core/oci/referrers';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import type { Repository } from '@plimsoll/core/oci/registry/repository';

const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
/** Beside the config. */
const LAYERS = 10;
const LAYER_BYTES = 96 * 1024;

/** A repository of a registry, as a client of its own sees it. */
export function repositoryAt(host: string, repository: string): Repository {
  return new Registries({ credentials: noCredentials }).repository({ registry: host, repository }, 'push');
}

/** Two platforms of eleven blobs each; a signature and two attestations on the index, two on each platform. */
export async function pushSubject(repository: Repository, tag: string): Promise<Descriptor> {
  const platforms = await Promise.all(['amd64', 'arm64'].map((architecture) => pushPlatform(repository, architecture)));
  const index = await pushManifest(repository, OCI_INDEX, { manifests: platforms }, tag);
  await attach(repository, index, ['signature', 'provenance', 'vulnerabilities']);
  for (const platform of platforms) await attach(repository, platform, ['sbom', 'provenance']);
  return index;
}

/** An image of one platform and one layer of `bytes` bytes. */
export async function pushOneLayer(repository: Repository, bytes: number, tag: string): Promise<Descriptor> {
  const layer = await pushLarge(repository, bytes);
  const rootfs = { type: 'layers', diff_ids: [layer.digest] };
  const config = await pushBlob(repository, OCI_CONFIG, json({ os: 'linux', architecture: 'amd64', rootfs }));
  return pushManifest(repository, OCI_MANIFEST, { config, layers: [layer] }, tag);
}

/** Made twice, once for its digest: it may be larger than the memory. */
async function pushLarge(repository: Repository, size: number): Promise<Descriptor> {
  const piece = randomBytes(1024 * 1024);
  const hash = createHash('sha256');
  for await (const chunk of repeated(piece, size)) hash.update(chunk);
  const descriptor = { mediaType: LAYER, digest: `sha256:${hash.digest('hex')}`, size } as const;
  await repository.putBlob(descriptor, () => Promise.resolve(repeated(piece, size)));
  return descriptor;
}

async function* repeated(piece: Buffer, size: number): AsyncIterable<Uint8Array> {
  for (let left = size; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length));
}

async function pushPlatform(
  repository: Repository,
  architecture: string,
): Promise<Descriptor & { platform: Platform }> {
  const layers = await Promise.all(
    Array.from({ length: LAYERS }, () => pushBlob(repository, LAYER, randomBytes(LAYER_BYTES))),
  );
  const rootfs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) };
  const config = await pushBlob(repository, OCI_CONFIG, json({ os: 'linux', architecture, rootfs }));
  const manifest = await pushManifest(repository, OCI_MANIFEST, { config, layers });
  return { ...manifest, platform: { os: 'linux', architecture } };
}

async function attach(repository: Repository, subject: Descriptor, names: readonly string[]): Promise<void> {
  const items = names.map((name) => ({
    artifactType: BUNDLE,
    annotations: { 'dev.sigstore.bundle.predicateType': `https://example.com/${name}` },
    blobs: [
      { mediaType: BUNDLE, bytes: json({ name, of: subject.digest, padding: randomBytes(3_000).toString('hex') }) },
    ],
  }));
  await attachReferrers(repository, subject, items);
}

async function pushManifest(
  repository: Repository,
  mediaType: string,
  content: object,
  tag?: string,
): Promise<Descriptor> {
  const bytes = json({ schemaVersion: 2, mediaType, ...content });
  const manifest = { mediaType, digest: digestOf(bytes), bytes };
  await repository.putManifest(manifest, tag);
  return { mediaType, digest: manifest.digest, size: bytes.length };
}

async function pushBlob(repository: Repository, mediaType: string, bytes: Buffer): Promise<Descriptor> {
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  await repository.putBlob(descriptor, () => Promise.resolve(once(bytes)));
  return descriptor;
}

async function* once(bytes: Buffer): AsyncIterable<Uint8Array> {
  yield bytes;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
