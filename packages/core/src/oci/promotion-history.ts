import { isFailure } from '../runtime/errors.ts';
import { readBytes } from './checked-stream.ts';
import type { ContentSource } from './content.ts';
import type { Digest } from './digest.ts';
import { artifactTypeOf, parseManifest } from './manifest.ts';
import {
  parseRecord,
  PROMOTION_RECORD_TYPE,
  type PromotionRecord,
  type RecordedMove,
  unknownHistory,
} from './promotion-record.ts';

/** A record, and the digest of the referrer manifest that holds it. */
export interface FoundRecord {
  readonly digest: Digest;
  readonly record: PromotionRecord;
}

/** One time that a tag was moved: to what, and by which promotion. */
export interface HistoryEntry {
  readonly digest: Digest;
  /** Absent when something that leaves no record had moved the tag. */
  readonly found?: FoundRecord;
}

/** Where a tag has pointed. */
export interface ChannelHistory {
  readonly tag: string;
  /** The present one first. None when the tag does not exist. */
  readonly entries: readonly HistoryEntry[];
  /**
   * What is before the last entry: nothing, as its record says (`start`); nobody knows, since it has no record
   * (`unrecorded`) or the record is gone with its image (`gone`); more that was not read (`limit`).
   */
  readonly end: 'start' | 'unrecorded' | 'gone' | 'limit';
}

/** What a history is read from; every `ContentSource` is one. */
export type HistorySource = Pick<ContentSource, 'label' | 'resolve' | 'manifest' | 'blob' | 'referrers'>;

/** As many as anybody keeps. */
export const LONGEST_HISTORY = 200;
const LARGEST_RECORD = 64 * 1024;

/**
 * Every digest that a tag has pointed to, by the promotion records, from now backwards.
 *
 * Records are not proven: a digest from here is a proposal, to be verified before a tag moves to it, and a
 * reason to keep something, never to delete it.
 *
 * @param limit - entries at most, {@link LONGEST_HISTORY} unless given
 * @throws PlimsollError `history-unknown` for records that are malformed, contradict each other or go round in a
 *   circle, and what the source throws: a history that cannot be read is never an empty one
 */
export async function channelHistory(
  source: HistorySource,
  tag: string,
  limit: number = LONGEST_HISTORY,
): Promise<ChannelHistory> {
  const now = await source.resolve(tag);
  if (now === undefined) return { tag, entries: [], end: 'start' };
  const entries: HistoryEntry[] = [];
  let digest = now.digest;
  let found = await latestRecord(source, digest, tag);
  for (;;) {
    entries.push(found === undefined ? { digest } : { digest, found });
    if (found === undefined) return { tag, entries, end: 'unrecorded' };
    const previous = moveOf(found.record, tag)?.previous;
    if (previous === undefined) return { tag, entries, end: 'start' };
    if (entries.length >= limit) return { tag, entries, end: 'limit' };
    ({ digest } = previous);
    if (previous.record === undefined) return { tag, entries: [...entries, { digest }], end: 'unrecorded' };
    refuseLoop(entries, previous.record);
    const next = await recordAt(source, previous.record, { digest, tag });
    if (next === undefined) return { tag, entries: [...entries, { digest }], end: 'gone' };
    found = next;
  }
}

/** The records on a digest that were made in this repository, the newest first. */
export async function recordsOn(source: HistorySource, digest: Digest): Promise<readonly FoundRecord[]> {
  const referrers = await source.referrers(digest);
  const held = referrers.filter(({ artifactType }) => artifactType === PROMOTION_RECORD_TYPE);
  const found = await Promise.all(held.map((referrer) => readRecord(source, referrer.digest)));
  return found
    .filter(({ record }) => record.digest === digest && record.repository === source.label)
    .toSorted((a, b) => Date.parse(b.record.at) - Date.parse(a.record.at) || (a.digest < b.digest ? 1 : -1));
}

/** The record of the promotion that put the tag where it is; `undefined` when none says so. */
export async function latestRecord(
  source: HistorySource,
  digest: Digest,
  tag: string,
): Promise<FoundRecord | undefined> {
  return (await recordsOn(source, digest)).find(({ record }) => moveOf(record, tag) !== undefined);
}

export function moveOf({ moves }: Pick<PromotionRecord, 'moves'>, tag: string): RecordedMove | undefined {
  return moves.find((move) => move.tag === tag);
}

/** A record that another names; `undefined` when it is certainly gone, as it is after its image was deleted. */
async function recordAt(
  source: HistorySource,
  at: Digest,
  { digest, tag }: { readonly digest: Digest; readonly tag: string },
): Promise<FoundRecord | undefined> {
  try {
    const found = await readRecord(source, at);
    const { record } = found;
    if (record.digest === digest && record.repository === source.label && moveOf(record, tag) !== undefined)
      return found;
  } catch (error) {
    if (isFailure(error, 'registry-not-found')) return undefined;
    throw error;
  }
  throw unknownHistory(`${at} is named as the record of ${tag} at ${digest}, and is about something else`);
}

async function readRecord(source: HistorySource, digest: Digest): Promise<FoundRecord> {
  const manifest = parseManifest(await source.manifest(digest));
  const [layer] = manifest.kind === 'image' ? manifest.layers : [];
  if (artifactTypeOf(manifest) !== PROMOTION_RECORD_TYPE || layer === undefined)
    throw unknownHistory(`${digest} is not a promotion record`);
  if (layer.size > LARGEST_RECORD) throw unknownHistory(`${digest} has ${layer.size} bytes, more than any record`);
  const record = parseRecord(await readBytes(await source.blob(layer)));
  if (manifest.subject?.digest === record.digest) return { digest, record };
  throw unknownHistory(`${digest} hangs on another image than it is about`);
}

function refuseLoop(entries: readonly HistoryEntry[], record: Digest): void {
  if (entries.some(({ found }) => found?.digest === record)) throw unknownHistory(`${record} comes after itself`);
}
