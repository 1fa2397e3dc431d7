import type { FinishedRun } from '../github/workflow-runs.ts';
import type { Digest } from '../oci/digest.ts';
import { channelHistory, type HistoryEntry } from '../oci/promotion-history.ts';
import { mapConcurrently } from '../runtime/concurrent.ts';
import { isFailure } from '../runtime/errors.ts';
import { settled } from '../runtime/settled.ts';
import { readRelease, type ReleasePoint, type ReleasePorts } from './trends/release-point.ts';

/** How an image and its pipeline came to be what they are. */
export interface Trends {
  /** The moving tag whose releases these are. */
  readonly tag: string;
  /** The oldest first; this one last. */
  readonly releases: readonly ReleasePoint[];
  /** The oldest first; never this one. */
  readonly runs: readonly FinishedRun[];
  /** What could not be told, one sentence each. */
  readonly notes: readonly string[];
}

export interface TrendsRequest {
  readonly tag: string;
  /** What this run made or verified; absent when it did not get that far. */
  readonly present?: { readonly digest: Digest; readonly point?: ReleasePoint };
  /** Releases at most, this one not counted. */
  readonly most: number;
}

export interface TrendsPorts extends ReleasePorts {
  /** The last finished runs, the newest first. */
  readonly runs: () => Promise<readonly FinishedRun[]>;
}

const PARALLEL = 4;

/** Never a reason to fail: what cannot be read is said. @throws what is not an expected failure, and `cancelled` */
export async function readTrends(request: TrendsRequest, ports: TrendsPorts): Promise<Trends> {
  const notes: string[] = [];
  const told = async <T>(what: string, read: () => Promise<readonly T[]>) =>
    read().catch((error: unknown) => {
      if (!isFailure(error) || error.code === 'cancelled') throw error;
      notes.push(`${what} could not be read: ${error.message}. ${error.hint}`);
      return [] as const;
    });
  const [past, present, runs] = await settled([
    told('Earlier releases', () => pastReleases(request, ports, notes)),
    told('This image', () => presentRelease(request, ports)),
    told('Earlier runs', ports.runs),
  ]);
  const releases = [...past, ...present];
  return { tag: request.tag, releases, runs: runs.toReversed(), notes: [...notes, ...unscanned(releases)] };
}

async function pastReleases(
  { tag, present, most }: TrendsRequest,
  ports: TrendsPorts,
  notes: string[],
): Promise<readonly ReleasePoint[]> {
  // This one is at the head of the history when its tag has been moved already.
  const { entries } = await channelHistory(ports.source, tag, most + 1);
  const past = distinct(entries).filter(({ digest }) => digest !== present?.digest);
  const read = await mapConcurrently(past.slice(0, most), PARALLEL, (entry) => unlessGone(entry, tag, ports));
  const found = read.filter((each) => each !== undefined);
  if (found.length < read.length) notes.push(`${read.length - found.length} earlier releases are deleted.`);
  return found.toReversed();
}

/** A release that came back by a rollback is one release. */
function distinct(entries: readonly HistoryEntry[]): readonly HistoryEntry[] {
  return [...new Map(entries.toReversed().map((entry) => [entry.digest, entry])).values()].toReversed();
}

async function unlessGone(
  { digest, found }: HistoryEntry,
  tag: string,
  ports: TrendsPorts,
): Promise<ReleasePoint | undefined> {
  const at = found === undefined ? undefined : new Date(found.record.at);
  try {
    return await readRelease({ digest, tag, at }, ports);
  } catch (error) {
    if (isFailure(error, 'registry-not-found')) return undefined;
    throw error;
  }
}

async function presentRelease({ tag, present }: TrendsRequest, ports: TrendsPorts): Promise<readonly ReleasePoint[]> {
  if (present === undefined) return [];
  return [present.point ?? (await readRelease({ digest: present.digest, tag, at: undefined }, ports))];
}

function unscanned(releases: readonly ReleasePoint[]): readonly string[] {
  const names = releases.flatMap(({ name, findings }) => (findings === undefined ? [name] : []));
  return names.length === 0 ? [] : [`No scan that this policy accepts is signed on ${names.join(', ')}.`];
}
