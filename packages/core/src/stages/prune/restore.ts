import { PlimsollError } from '../../runtime/errors.ts';
import type { Journal } from './journal.ts';
import type { PlannedDeletion } from './plan.ts';
import type { ManifestStore, VersionStore } from './ports.ts';
import type { ManifestReader } from './reader.ts';

/** What is needed to bring a version back. */
export type Restorable = Pick<PlannedDeletion, 'id' | 'digest' | 'tags'>;

export interface RestorePorts {
  readonly versions: VersionStore;
  readonly manifests: ManifestStore;
  readonly journal: Journal;
  readonly reader: Pick<ManifestReader, 'known'>;
}

export interface Undone {
  readonly restored: readonly Restorable[];
  /** With which the run ends: `prune-restored`, or `prune-damage` when something could not be brought back. */
  readonly failure: PlimsollError;
}

/**
 * Undoes deletions, parts before what needs them, and sets the tags again that GitHub does not bring
 * back by itself. A tag that points elsewhere by now is left alone.
 * @param problem what went wrong, for the failure's message
 */
export async function undo(items: readonly Restorable[], problem: string, ports: RestorePorts): Promise<Undone> {
  const restored: Restorable[] = [];
  try {
    for (const item of items.toReversed()) if (await restoreOne(item, ports)) restored.push(item);
    for (const item of restored) await restoreTags(item, ports);
  } catch (cause) {
    return { restored, failure: damage(`${problem}; restoring what this run deleted failed half way`, cause) };
  }
  const lost = items.filter((item) => !restored.includes(item));
  if (lost[0] === undefined) return { restored, failure: undone(problem, restored.length) };
  const count = `${lost.length} versions could not be restored, the first is ${lost[0].digest}`;
  return { restored, failure: damage(`${problem}; ${count}`) };
}

async function restoreOne(item: Restorable, ports: RestorePorts): Promise<boolean> {
  await ports.journal.record('restoring', item);
  const back = (await ports.versions.restore(item, ports.reader.known(item.digest))) || (await isThere(item, ports));
  if (back) await ports.journal.record('restored', item);
  return back;
}

function undone(problem: string, count: number): PlimsollError {
  return new PlimsollError('prune-restored', `${problem}; the ${count} versions deleted in this run were restored`, {
    hint: 'Run again when no workflow is pushing to the package.',
  });
}

function damage(message: string, cause?: unknown): PlimsollError {
  return new PlimsollError('prune-damage', message, {
    hint: 'Push the image again, or restore the versions that the journal lists on the package page within 30 days.',
    cause,
  });
}

/** A digest that was pushed again meanwhile cannot be restored and need not be. */
async function isThere(item: Restorable, { manifests }: RestorePorts): Promise<boolean> {
  return (await manifests.resolve(item.digest)) !== undefined;
}

async function restoreTags(item: Restorable, { manifests, reader }: RestorePorts): Promise<void> {
  const blob = reader.known(item.digest);
  for (const tag of item.tags) {
    if (blob !== undefined && (await manifests.resolve(tag)) === undefined) await manifests.putManifest(blob, tag);
  }
}
