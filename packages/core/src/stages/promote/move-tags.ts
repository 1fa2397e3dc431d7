import type { ContentTarget, CopyTarget } from '../../oci/content.ts';
import type { Digest } from '../../oci/digest.ts';
import { descriptorOf } from '../../oci/manifest.ts';
import { type RecordedTarget, recordReferrer } from '../../oci/promotion-record.ts';
import { attachReferrers } from '../../oci/referrers.ts';
import type { ClassedTag } from '../../policy/tags.ts';
import { type Clock, systemClock } from '../../runtime/clock.ts';
import type { Log } from '../../runtime/log.ts';
import { settled } from '../../runtime/settled.ts';
import { lookAtTags, planTags, refuseTwoDigests, type TagMove, type TagPlan } from '../tags.ts';
import type { PromotionNote } from './leg.ts';
import { promotionRecord, recordedTarget } from './record.ts';
import { tagTogether } from './tag-together.ts';

export interface MoveTagsPorts {
  readonly note: PromotionNote;
  readonly log: Log;
  readonly clock?: Clock;
}

/** An image that is verified where it lies, and the tags that are to lead to it. */
export interface TaggedImage {
  readonly repository: CopyTarget;
  readonly digest: Digest;
  readonly tags: readonly ClassedTag[];
}

/** The tags of one image; see {@link moveTagsTogether}. */
export async function moveTags(image: TaggedImage, ports: MoveTagsPorts): Promise<readonly TagMove[]> {
  const [moves = []] = await moveTagsTogether([image], ports);
  return moves;
}

/**
 * Writes the tags of images that go together, and first a record of those that move from another, so that they can go
 * back. Everything is looked at and planned before anything is written; when a tag cannot be written, those that moved
 * are put back.
 *
 * @returns the moves of each image, in the order given
 * @throws PlimsollError `tag-taken`, `tag-moved`, `attach-lost`, and what the registry throws
 */
export async function moveTagsTogether(
  images: readonly TaggedImage[],
  ports: MoveTagsPorts,
): Promise<readonly (readonly TagMove[])[]> {
  const planned = await Promise.all(
    images.map(async ({ repository, digest, tags }) => {
      const plan = planTags(await lookAtTags(repository, tags), digest, tags);
      return { repository, plan, recorded: await recordedTarget(repository, moved(plan), ports.log) };
    }),
  );
  refuseTwoDigests(planned);
  const family = planned.flatMap(({ recorded }) => recorded ?? []);
  await settled(
    planned.flatMap(({ repository, recorded }) =>
      recorded === undefined ? [] : [attachRecord(repository, { recorded, family }, ports)],
    ),
  );
  await tagTogether(planned, ports.log);
  return planned.map(({ plan }) => plan.moves);
}

/** A tag that is new has nothing to go back to; the record of its next move says so. */
function moved(plan: TagPlan): TagPlan {
  return { ...plan, moves: plan.moves.filter(({ action }) => action === 'move') };
}

interface Recorded {
  readonly recorded: RecordedTarget;
  readonly family: readonly RecordedTarget[];
}

async function attachRecord(
  repository: ContentTarget,
  { recorded, family }: Recorded,
  { note, clock = systemClock }: MoveTagsPorts,
): Promise<void> {
  const record = promotionRecord(recorded, { family, note, clock });
  const subject = descriptorOf(await repository.manifest(recorded.digest));
  await attachReferrers(repository, subject, [recordReferrer(record)]);
}
