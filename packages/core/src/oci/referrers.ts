import type { ContentTarget, ManifestBlob } from './content.ts';
import type { Descriptor } from './descriptor.ts';
import { digestOf } from './digest.ts';
import { EMPTY, OCI_MANIFEST } from './media-types.ts';
import { confirmReferrers } from './referrer-confirmation.ts';
import { referrerDescriptor } from './referrer-discovery.ts';
import { WholeBlob } from './whole-blob.ts';

/** Content that is to hang on an image: one artifact, such as a signature bundle. */
export interface ReferrerManifest {
  readonly artifactType: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly blobs: readonly { readonly mediaType: string; readonly bytes: Buffer }[];
}

/** `{}`, the config of an artifact that has none (image-spec manifest.md, "Guidance for an Empty Descriptor"). */
export const NOTHING = Buffer.from('{}');
export const EMPTY_CONFIG: Descriptor = { mediaType: EMPTY, digest: digestOf(NOTHING), size: NOTHING.length };

/**
 * The OCI 1.1 image manifest of a referrer. The same content and annotations always give the same
 * digest, so attaching twice attaches once.
 */
export function referrerManifest(subject: Descriptor, item: ReferrerManifest): ManifestBlob {
  const { mediaType, digest, size } = subject;
  const content = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: item.artifactType,
    config: EMPTY_CONFIG,
    layers: item.blobs.length === 0 ? [EMPTY_CONFIG] : item.blobs.map(blobDescriptor),
    subject: { mediaType, digest, size },
    annotations: item.annotations,
  };
  const bytes = Buffer.from(JSON.stringify(content));
  return { mediaType: OCI_MANIFEST, digest: digestOf(bytes), bytes };
}

/**
 * Pushes referrers of one subject and makes sure that they can be found: in the registry's own list,
 * else by one write of the fallback tag for all of them.
 *
 * @returns their descriptors, as a list of referrers shows them
 * @throws PlimsollError `attach-lost` when other writers keep overwriting the fallback tag
 */
export async function attachReferrers(
  target: ContentTarget,
  subject: Descriptor,
  items: readonly ReferrerManifest[],
): Promise<readonly Descriptor[]> {
  const manifests = items.map((item) => referrerManifest(subject, item));
  const contents = [NOTHING, ...items.flatMap((item) => item.blobs.map(({ bytes }) => bytes))];
  const unique = new Map(contents.map((bytes) => [digestOf(bytes), bytes]));
  await Promise.all([...unique.values()].map((bytes) => putBytes(target, bytes)));
  const receipts = await Promise.all(manifests.map((manifest) => target.putManifest(manifest)));
  const placed = manifests.map((manifest, index) => ({ manifest, receipt: receipts[index] ?? {} }));
  await confirmReferrers(target, { digest: subject.digest }, placed);
  return manifests.map(referrerDescriptor);
}

export function putBytes(target: ContentTarget, bytes: Buffer): Promise<void> {
  const descriptor = blobDescriptor({ mediaType: 'application/octet-stream', bytes });
  return target.putBlob(descriptor, () => Promise.resolve(new WholeBlob(bytes)));
}

function blobDescriptor({ mediaType, bytes }: { mediaType: string; bytes: Buffer }): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}
