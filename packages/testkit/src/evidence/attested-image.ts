import type { ContentTarget, ManifestBlob } from '@plimsoll/core/oci/content';
import type { Descriptor } from '@plimsoll/core/oci/descriptor';
import { type Digest, digestOf, hexOf } from '@plimsoll/core/oci/digest';
import { OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from '@plimsoll/core/oci/media-types';

/** A two-platform image as BuildKit leaves it, with an attestation manifest for each platform. */
export interface AttestedImage {
  readonly digest: Digest;
  readonly platforms: readonly { readonly platform: string; readonly digest: Digest }[];
}

const PLATFORMS = ['amd64', 'arm64'] as const;
const LAYER = 'application/vnd.oci.image.layer.v1.tar';
const IN_TOTO = 'application/vnd.in-toto+json';
const SPDX = 'https://spdx.dev/Document';
const PROVENANCE = 'https://slsa.dev/provenance/v1';

/**
 * Pushes an image that nobody needs to run, whose bytes only the seed decides.
 * @param seed images of different seeds share nothing
 */
export async function pushAttestedImage(target: ContentTarget, seed: string): Promise<AttestedImage> {
  const platforms = await Promise.all(
    PLATFORMS.map(async (architecture) => {
      const image = await pushPlatform(target, seed, architecture);
      const attestation = await pushAttestations(target, seed, image.digest);
      return { architecture, image, attestation };
    }),
  );
  const manifests = [
    ...platforms.map(({ architecture, image }) => ({ ...image, platform: { os: 'linux', architecture } })),
    ...platforms.map(({ image, attestation }) => ({
      ...attestation,
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: {
        'vnd.docker.reference.type': 'attestation-manifest',
        'vnd.docker.reference.digest': image.digest,
      },
    })),
  ];
  const { digest } = await pushManifest(target, OCI_INDEX, { manifests });
  return {
    digest,
    platforms: platforms.map(({ architecture, image }) => ({
      platform: `linux/${architecture}`,
      digest: image.digest,
    })),
  };
}

async function pushPlatform(target: ContentTarget, seed: string, architecture: string): Promise<Descriptor> {
  const layer = await pushBlob(target, LAYER, Buffer.from(`${seed} for ${architecture}`));
  const rootfs = { type: 'layers', diff_ids: [layer.digest] };
  const config = await pushBlob(target, OCI_CONFIG, json({ os: 'linux', architecture, rootfs, config: {} }));
  return pushManifest(target, OCI_MANIFEST, { config, layers: [layer] });
}

async function pushAttestations(target: ContentTarget, seed: string, subject: Digest): Promise<Descriptor> {
  const layers = await Promise.all(
    [sbomOf(seed, subject), provenanceOf(seed, subject)].map(async (statement) => ({
      ...(await pushBlob(target, IN_TOTO, json(statement))),
      annotations: { 'in-toto.io/predicate-type': statement.predicateType },
    })),
  );
  const config = await pushBlob(target, OCI_CONFIG, json({ os: 'unknown', architecture: 'unknown', of: subject }));
  return pushManifest(target, OCI_MANIFEST, { config, layers });
}

function sbomOf(seed: string, subject: Digest) {
  const document = { SPDXID: 'SPDXRef-DOCUMENT', spdxVersion: 'SPDX-2.3', dataLicense: 'CC0-1.0', name: seed };
  const packages = [{ SPDXID: 'SPDXRef-Package', name: 'busybox', versionInfo: '1.36.1', downloadLocation: 'NONE' }];
  const creationInfo = { created: '2026-11-20T10:00:00Z', creators: ['Tool: test'] };
  const predicate = { ...document, documentNamespace: `https://example.com/${hexOf(subject)}`, creationInfo, packages };
  return statementOf(subject, SPDX, predicate);
}

function provenanceOf(seed: string, subject: Digest) {
  return statementOf(subject, PROVENANCE, {
    buildDefinition: {
      buildType: 'https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md',
      externalParameters: { configSource: { path: 'Dockerfile' }, request: { frontend: 'dockerfile.v0' } },
      internalParameters: { seed },
      resolvedDependencies: [],
    },
    runDetails: { builder: { id: '' }, metadata: { invocationId: seed } },
  });
}

/** Version 0.1, as BuildKit writes it. */
function statementOf(subject: Digest, predicateType: string, predicate: unknown) {
  return {
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType,
    subject: [{ name: 'pkg:docker/app', digest: { sha256: hexOf(subject) } }],
    predicate,
  };
}

async function pushManifest(target: ContentTarget, mediaType: string, content: object): Promise<Descriptor> {
  const bytes = json({ schemaVersion: 2, mediaType, ...content });
  const manifest: ManifestBlob = { mediaType, digest: digestOf(bytes), bytes };
  await target.putManifest(manifest);
  return { mediaType, digest: manifest.digest, size: bytes.length };
}

async function pushBlob(target: ContentTarget, mediaType: string, bytes: Buffer): Promise<Descriptor> {
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  await target.putBlob(descriptor, () => Promise.resolve(once(bytes)));
  return descriptor;
}

async function* once(bytes: Buffer): AsyncIterable<Uint8Array> {
  yield bytes;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
