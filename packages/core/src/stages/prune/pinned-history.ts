import { channelHistory, type ChannelHistory, type HistorySource } from '../../oci/promotion-history.ts';
import type { ProtectionSources } from '../../policy/retention.ts';
import type { PackageVersion } from '../../policy/retention-rules.ts';
import { matchingPattern } from '../../policy/tag-pattern.ts';
import { mapConcurrently } from '../../runtime/concurrent.ts';
import { isFailure, PlimsollError } from '../../runtime/errors.ts';
import { mergePins, NO_PINS, type Pins } from './pins.ts';

const PARALLEL_TAGS = 4;

/**
 * What channel tags pointed to before, so that a rollback has its target.
 * @throws PlimsollError `history-unknown` when a record is there and cannot be relied on, and what the source throws
 */
export async function pinsFromHistory(
  { keep, tags }: ProtectionSources['history'],
  { versions, source }: { readonly versions: readonly PackageVersion[]; readonly source: HistorySource },
): Promise<Pins> {
  if (keep === 0) return NO_PINS;
  const channels = new Set(versions.flatMap((version) => version.tags));
  const names = [...channels].filter((tag) => matchingPattern(tags, tag) !== undefined);
  return mergePins(await mapConcurrently(names, PARALLEL_TAGS, async (tag) => pinsOf(await read(source, tag, keep))));
}

function pinsOf({ tag, entries, end }: ChannelHistory): Pins {
  const before = entries.slice(1).map(({ digest }) => [digest, `protect/history-of-${tag}`] as const);
  const note = `protect.history: what ${tag} pointed to earlier is unknown, because its record is gone`;
  return { digests: new Map(before), tags: new Map(), notes: end === 'gone' ? [note] : [] };
}

/** The present one, and as many before it as are kept. */
async function read(source: HistorySource, tag: string, keep: number): Promise<ChannelHistory> {
  try {
    return await channelHistory(source, tag, keep + 1);
  } catch (cause) {
    if (!isFailure(cause, 'history-unknown')) throw cause;
    throw new PlimsollError('history-unknown', `What ${tag} pointed to before cannot be told: ${cause.message}`, {
      hint: 'Nothing was deleted. Promote the channel again, which begins a new history, or write "history: { keep: 0 }" under "protect:" to go without.',
      cause,
    });
  }
}
