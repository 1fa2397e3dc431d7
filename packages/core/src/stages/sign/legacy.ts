import { putAccessoryTag } from '../../oci/accessory-merge.ts';
import type { ContentTarget, ManifestBlob } from '../../oci/content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, digestOf } from '../../oci/digest.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { OCI_CONFIG, OCI_MANIFEST } from '../../oci/media-types.ts';
import { WholeBlob } from '../../oci/whole-blob.ts';
import { mapConcurrently } from '../../runtime/concurrent.ts';
import { isFailure } from '../../runtime/errors.ts';
import {
  DSSE_ENVELOPE,
  envelopeOf,
  legacyAnnotations,
  SIMPLE_SIGNING,
  simpleSigningPayload,
} from '../../sigstore/legacy.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import type { SigningBy } from './make.ts';

/** Signs bytes as they are, without a statement around them, and gives the bundle. */
export type SignBytes = (payload: Buffer, by: SigningBy) => Promise<Buffer>;

export interface LegacyPorts {
  readonly repository: ContentTarget;
  readonly sign: SignBytes;
  readonly by: SigningBy;
}

interface Layer {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Says the same once more in the form of cosign 1 and 2, under the tags `sha256-<hex>.sig` and `.att`, for verifiers that read no bundles. A
 * signature of the old form is over other bytes, so it is made anew; an attestation is the same envelope in another
 * place. What others have under the tags stays.
 *
 * @param signed the manifests that carry a signature of their own
 * @throws PlimsollError `sign-failed`, `attach-lost`, `tag-taken`, and what the registry throws
 */
export async function writeLegacyTags(
  signed: readonly Digest[],
  bundles: readonly VerifiedBundle[],
  ports: LegacyPorts,
): Promise<void> {
  await mapConcurrently(signed, 4, async (digest) => {
    const signature = await signatureOf(digest, ports);
    if (signature !== undefined) await put(ports.repository, tagOf(digest, 'sig'), [signature]);
    const about = bundles.filter(({ statement }) => statement.subjects.includes(digest) && isAttestation(statement));
    if (about.length > 0) await put(ports.repository, tagOf(digest, 'att'), about.map(attestationLayer));
  });
}

function isAttestation({ predicateType }: VerifiedBundle['statement']): boolean {
  return predicateType !== PREDICATE_TYPES.signature;
}

function attestationLayer({ bytes, statement }: VerifiedBundle): Layer {
  const bundle: unknown = JSON.parse(bytes.toString('utf8'));
  const annotations = { ...legacyAnnotations(bundle), predicateType: statement.predicateType };
  return { mediaType: DSSE_ENVELOPE, bytes: envelopeOf(bundle), annotations };
}

/** One over the same bytes is there already from an earlier run; `undefined` then. */
async function signatureOf(digest: Digest, { repository, sign, by }: LegacyPorts): Promise<Layer | undefined> {
  const payload = simpleSigningPayload(repository.label, digest);
  const there = await layersAt(repository, tagOf(digest, 'sig'));
  if (there.some((layer) => layer.digest === digestOf(payload))) return undefined;
  const bundle: unknown = JSON.parse((await sign(payload, by)).toString('utf8'));
  return { mediaType: SIMPLE_SIGNING, bytes: payload, annotations: legacyAnnotations(bundle) };
}

async function layersAt(repository: ContentTarget, tag: string): Promise<readonly Descriptor[]> {
  try {
    const manifest = parseManifest(await repository.manifest(tag));
    return manifest.kind === 'image' ? manifest.layers : [];
  } catch (error) {
    if (isFailure(error, 'registry-not-found')) return [];
    throw error;
  }
}

async function put(repository: ContentTarget, tag: string, layers: readonly Layer[]): Promise<void> {
  const diffIds = layers.map(({ bytes }) => digestOf(bytes));
  const config = Buffer.from(
    JSON.stringify({ architecture: '', os: '', config: {}, rootfs: { type: 'layers', diff_ids: diffIds } }),
  );
  const blobs = [{ mediaType: OCI_CONFIG, bytes: config }, ...layers];
  await mapConcurrently(blobs, 4, ({ mediaType, bytes }) =>
    repository.putBlob(descriptor(mediaType, bytes), () => Promise.resolve(new WholeBlob(bytes))),
  );
  const content = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: descriptor(OCI_CONFIG, config),
    layers: layers.map(({ mediaType, bytes, annotations }) => ({ ...descriptor(mediaType, bytes), annotations })),
  };
  const bytes = Buffer.from(JSON.stringify(content));
  const manifest: ManifestBlob = { mediaType: OCI_MANIFEST, digest: digestOf(bytes), bytes };
  await putAccessoryTag(repository, tag, manifest);
}

function tagOf(digest: Digest, kind: 'sig' | 'att'): string {
  return `${digest.replace(':', '-')}.${kind}`;
}

function descriptor(mediaType: string, bytes: Buffer): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}
