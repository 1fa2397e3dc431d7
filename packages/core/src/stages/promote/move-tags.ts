import type { ContentTarget } from '../../oci/content.ts';
import type { Digest } from '../../oci/digest.ts';
import { descriptorOf } from '../../oci/manifest.ts';
import { recordReferrer } from '../../oci/promotion-record.ts';
import { attachReferrers } from '../../oci/referrers.ts';
import type { ClassedTag } from '../../policy/tags.ts';
import { type Clock, systemClock } from '../../runtime/clock.ts';
import type { Log } from '../../runtime/log.ts';
import { applyTags, lookAtTags, planTags, type TagMove } from '../tags.ts';
import type { PromotionNote } from './leg.ts';
import { promotionRecord, recordedTarget } from './record.ts';

export interface MoveTagsPorts {
  readonly note: PromotionNote;
  readonly log: Log;
  readonly clock?: Clock;
}

/**
 * Writes the tags of an image that is verified where it lies, and first a record of those that move from another, so that
 * they can go back.
 *
 * @throws PlimsollError `tag-taken`, `tag-moved`, `attach-lost`, and what the registry throws
 */
export async function moveTags(
  target: ContentTarget,
  { digest, tags }: { readonly digest: Digest; readonly tags: readonly ClassedTag[] },
  { note, log, clock = systemClock }: MoveTagsPorts,
): Promise<readonly TagMove[]> {
  const plan = planTags(await lookAtTags(target, tags), digest, tags);
  // A tag that is new has nothing to go back to; the record of its next move says so.
  const moved = { ...plan, moves: plan.moves.filter(({ action }) => action === 'move') };
  const recorded = await recordedTarget(target, moved, log);
  if (recorded !== undefined) {
    const record = promotionRecord(recorded, { family: [], note, clock });
    await attachReferrers(target, descriptorOf(await target.manifest(digest)), [recordReferrer(record)]);
  }
  return applyTags(target, plan);
}
