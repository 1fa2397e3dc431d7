import { type Clock, systemClock } from '../runtime/clock.ts';
import type { ContentTarget, ManifestBlob, ManifestReceipt } from './content.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import { FallbackIndex } from './fallback-index.ts';
import { referrerDescriptor } from './referrer-discovery.ts';

/** A referrer that is in the target, and what the target said when it took it; nothing for one that was there before. */
export interface PlacedReferrer {
  readonly manifest: ManifestBlob;
  readonly receipt?: ManifestReceipt;
}

/** What is referred to. */
export interface ReferrerSubject {
  readonly digest: Digest;
  readonly clock?: Clock;
}

/** Milliseconds before each look at the list. A registry may need a moment. */
const LOOKS = [0, 0, 500] as const;

/**
 * Makes sure that referrers can be found under their subject. Where the target does not list them
 * itself (`OCI-Subject`), they go to the fallback tag. Where it says it does, the list is read: some
 * registries lose entries that are put at the same time, and putting those again, one by one, repairs it.
 * A registry that shows an old list even then has the last word.
 *
 * @throws PlimsollError `attach-lost`, and what the target throws
 */
export async function confirmReferrers(
  target: ContentTarget,
  { digest: subject, clock = systemClock }: ReferrerSubject,
  placed: readonly PlacedReferrer[],
): Promise<void> {
  const sure = placed.filter(({ receipt }) => receipt === undefined || receipt.subject === subject);
  const unlisted = placed.filter((referrer) => !sure.includes(referrer)).map(({ manifest }) => manifest);
  unlisted.push(...(await relist(target, { subject, clock }, sure)));
  if (unlisted.length === 0) return;
  await new FallbackIndex(target, subject, clock).add(unlisted.map(referrerDescriptor));
}

/** Those that turn out to need the fallback tag. */
async function relist(
  target: ContentTarget,
  { subject, clock }: { readonly subject: Digest; readonly clock: Clock },
  placed: readonly PlacedReferrer[],
): Promise<ManifestBlob[]> {
  const unlisted = new Set<ManifestBlob>();
  if (placed.length === 0) return [];
  for (const wait of LOOKS) {
    if (wait > 0) await clock.sleep(wait);
    const listed = digests(await target.referrers(subject));
    const missing = placed
      .map(({ manifest }) => manifest)
      .filter((one) => !unlisted.has(one) && !listed.has(one.digest));
    if (missing.length === 0) break;
    for (const manifest of missing) {
      if ((await target.putManifest(manifest)).subject !== subject) unlisted.add(manifest);
    }
  }
  return [...unlisted];
}

function digests(descriptors: readonly Descriptor[]): ReadonlySet<Digest> {
  return new Set(descriptors.map(({ digest }) => digest));
}
