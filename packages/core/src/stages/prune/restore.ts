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
  readonly reader: Pick<ManifestReader, 'kept'>;
}

export interface Restored {
  readonly restored: readonly Restorable[];
  readonly lost: readonly Restorable[];
}

/**
 * Undoes deletions, parts before what needs them, and sets the tags again that GitHub does not bring
 * back by itself. A tag that points elsewhere by now is left alone.
 */
export async function restoreAll(items: readonly Restorable[], ports: RestorePorts): Promise<Restored> {
  const restored: Restorable[] = [];
  const lost: Restorable[] = [];
  for (const item of items.toReversed()) {
    await ports.journal.record('restoring', item);
    const back = (await ports.versions.restore(item.id)) || (await isThere(item, ports));
    if (back) await ports.journal.record('restored', item);
    (back ? restored : lost).push(item);
  }
  for (const item of restored) await restoreTags(item, ports);
  return { restored, lost };
}

/** A digest that was pushed again meanwhile cannot be restored and need not be. */
async function isThere(item: Restorable, { manifests }: RestorePorts): Promise<boolean> {
  return (await manifests.resolve(item.digest)) !== undefined;
}

async function restoreTags(item: Restorable, { manifests, reader }: RestorePorts): Promise<void> {
  const blob = reader.kept.get(item.digest);
  for (const tag of item.tags) {
    if (blob !== undefined && (await manifests.resolve(tag)) === undefined) await manifests.putManifest(blob, tag);
  }
}
