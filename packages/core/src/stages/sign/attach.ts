import type { ContentTarget } from '../../oci/content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { ReferrerManifest } from '../../oci/referrers.ts';
import { mapConcurrently } from '../../runtime/concurrent.ts';
import { BUNDLE_MEDIA_TYPE, bundleAnnotations } from '../../sigstore/bundle.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';

/** One bundle, and where it still has to go. */
export interface Attachment {
  readonly bundle: VerifiedBundle;
  readonly targets: readonly Descriptor[];
}

/** Pushes referrers of one subject: all of them, with one write of the fallback index where one is needed. */
export type AttachReferrers = (
  repository: ContentTarget,
  subject: Descriptor,
  items: readonly ReferrerManifest[],
) => Promise<unknown>;

/** Groups by subject, so that each fallback index is written once. */
export async function attachBundles(
  repository: ContentTarget,
  attachments: readonly Attachment[],
  attach: AttachReferrers,
): Promise<void> {
  const subjects = new Map<Digest, { readonly subject: Descriptor; readonly items: ReferrerManifest[] }>();
  for (const { bundle, targets } of attachments) {
    for (const subject of targets) {
      const entry = subjects.get(subject.digest) ?? { subject, items: [] };
      entry.items.push(referrer(bundle));
      subjects.set(subject.digest, entry);
    }
  }
  await mapConcurrently([...subjects.values()], 8, ({ subject, items }) => attach(repository, subject, items));
}

/** As cosign writes it. The time is that of the signature, so that attaching again gives the same manifest. */
function referrer({ bytes, statement, signedAt }: VerifiedBundle): ReferrerManifest {
  return {
    artifactType: BUNDLE_MEDIA_TYPE,
    annotations: bundleAnnotations(statement.predicateType, signedAt),
    blobs: [{ mediaType: BUNDLE_MEDIA_TYPE, bytes }],
  };
}
