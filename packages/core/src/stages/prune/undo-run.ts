import type { Clock } from '../../runtime/clock.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { Journal, JournalItem } from './journal.ts';
import { GITHUB_MANNERS } from './manners.ts';
import { Pacer } from './pacer.ts';
import type { ManifestStore, VersionStore } from './ports.ts';

export interface UndoRunPorts {
  readonly versions: VersionStore;
  readonly manifests: ManifestStore;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal?: AbortSignal;
}

export interface UndoneRun {
  readonly restored: readonly JournalItem[];
  /** They are there: never deleted, restored before, or pushed again. */
  readonly present: readonly JournalItem[];
  /** GitHub does not bring these back. */
  readonly lost: readonly JournalItem[];
  /** Set again, because GitHub did not bring them back with their version. */
  readonly retagged: readonly string[];
  /** Left where they point now. */
  readonly moved: readonly string[];
}

/**
 * Undoes a run by its journal: parts before what needs them, then the tags. May be repeated, and goes on
 * where it was stopped.
 * @param items in the order of their deletion
 * @throws what the two planes throw
 */
export async function undoRun(items: readonly JournalItem[], ports: UndoRunPorts): Promise<UndoneRun> {
  const pacer = new Pacer((ports.versions.manners ?? GITHUB_MANNERS).deletionsPerMinute, ports);
  const restored: JournalItem[] = [];
  const present: JournalItem[] = [];
  const lost: JournalItem[] = [];
  for (const item of items.toReversed()) {
    const there = (await ports.manifests.resolve(item.digest)) !== undefined;
    if (there) await ports.versions.revive?.(item);
    const list = there ? present : undefined;
    (list ?? ((await bringBack(item, ports, pacer)) ? restored : lost)).push(item);
  }
  ports.log.info(`${restored.length} versions restored, ${present.length} were there`);
  const tags = await restoreTags([...restored, ...present], ports);
  return { restored, present, lost, ...tags };
}

/** The failure of a run that could not bring everything back. */
export function undoFailure({ lost }: UndoneRun): PlimsollError | undefined {
  if (lost[0] === undefined) return undefined;
  const message = `${lost.length} versions could not be restored, the first is ${lost[0].tags[0] ?? lost[0].digest}`;
  return new PlimsollError('prune-damage', message, {
    hint: 'Push these images again. GitHub keeps deleted versions for 30 days (the token needs the Admin role), Quay what its time machine holds, other registries the layers until they collect garbage.',
  });
}

async function bringBack(item: JournalItem, ports: UndoRunPorts, pacer: Pacer): Promise<boolean> {
  await pacer.turn();
  await ports.journal.record('restoring', item);
  const back = await ports.versions.restore(item, item.manifest);
  if (back) await ports.journal.record('restored', item);
  return back;
}

async function restoreTags(
  items: readonly JournalItem[],
  { manifests }: UndoRunPorts,
): Promise<Pick<UndoneRun, 'retagged' | 'moved'>> {
  const retagged: string[] = [];
  const moved: string[] = [];
  for (const { digest, tags } of items) {
    for (const tag of tags) {
      const now = await manifests.resolve(tag);
      if (now === undefined) {
        await manifests.putManifest(await manifests.manifest(digest), tag);
        retagged.push(tag);
      } else if (now.digest !== digest) moved.push(tag);
    }
  }
  return { retagged, moved };
}
