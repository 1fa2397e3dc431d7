import type { Digest } from '../../oci/digest.ts';
import { type FoundRecord, moveOf, recordsOn } from '../../oci/promotion-history.ts';
import type { PreviousPromotion, PromotionRecord, RecordedMove, RecordedTarget } from '../../oci/promotion-record.ts';
import type { ContentTarget } from '../../oci/content.ts';
import type { Clock } from '../../runtime/clock.ts';
import { isFailure } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { TagMove, TagPlan } from '../tags.ts';
import type { PromotionNote } from './leg.ts';

/** What is to be recorded of one image: its moving tags that move, each with what it pointed to. */
export async function recordedTarget(
  destination: ContentTarget,
  { digest, moves }: TagPlan,
  log: Log,
): Promise<RecordedTarget | undefined> {
  const due = moves.filter((move) => move.class === 'moving' && move.action !== 'keep');
  if (due.length === 0) return undefined;
  const records = recordReader(destination, log);
  const recorded = await Promise.all(due.map((move) => recordedMove(move, records)));
  return { repository: destination.label, digest, moves: recorded };
}

/** The record of one image that moves, alone or with its family. */
export function promotionRecord(
  target: RecordedTarget,
  { family, note, clock }: { family: readonly RecordedTarget[]; note: PromotionNote; clock: Clock },
): PromotionRecord {
  const together = family.length > 1 ? { family: [...family] } : {};
  return { ...target, ...together, at: clock.now().toISOString(), ...note };
}

type RecordReader = (digest: Digest) => Promise<readonly FoundRecord[]>;

/**
 * Records are read once for all tags that point to one digest. Some that cannot be made sense of do not stop a
 * promotion, since anybody who may push can attach them: the chain begins anew, and says that it does not know
 * what was before.
 */
function recordReader(destination: ContentTarget, log: Log): RecordReader {
  const known = new Map<Digest, Promise<readonly FoundRecord[]>>();
  const read = (digest: Digest) =>
    recordsOn(destination, digest).catch((error: unknown) => {
      if (!isFailure(error, 'history-unknown')) throw error;
      log.warning(`${destination.label}@${digest}: ${error.message}. The history of its tags begins anew.`);
      return [];
    });
  return (digest) => {
    const reading = known.get(digest) ?? read(digest);
    known.set(digest, reading);
    return reading;
  };
}

async function recordedMove({ name, before }: TagMove, records: RecordReader): Promise<RecordedMove> {
  if (before === undefined) return { tag: name };
  const found = (await records(before)).find(({ record }) => moveOf(record, name) !== undefined);
  const previous: PreviousPromotion = { digest: before, ...(found === undefined ? {} : { record: found.digest }) };
  return { tag: name, previous };
}
