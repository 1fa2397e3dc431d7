import { RESYNC } from './glance.ts';
import type { Inventory } from './inventory.ts';
import type { ManifestFile } from './manifest-file.ts';
import type { PlannedDeletion } from './plan.ts';
import type { Planned } from './planner.ts';
import type { VersionStore } from './ports.ts';
import { decodeInventory, encodeInventory, without } from './saved-inventory.ts';

/** The list that an earlier run left, if there is one that can be used. */
export function earlierList(cache: ManifestFile | undefined, packageName: string): Inventory | undefined {
  const bytes = cache?.inventory();
  return bytes && decodeInventory(bytes, packageName);
}

interface Learnt {
  readonly planned: Planned;
  readonly earlier: Inventory | undefined;
  /** What this run is about to delete. */
  readonly leaving: readonly PlannedDeletion[];
  /** Manifests that the registry sent. */
  readonly reads: number;
  readonly store: VersionStore;
}

/** Puts into the file what the next run need not ask for; false when there is nothing new. */
export function remember(cache: ManifestFile, { planned, earlier, leaving, reads, store }: Learnt): boolean {
  const { plan, inventory } = planned;
  // A list can only be gone on with where the registry says how many versions there are.
  const list = store.manners?.listsAll === false ? undefined : without(inventory, leaving);
  const known = list === undefined || isStillGood(earlier, list);
  if (known && reads === 0) return false;
  if (!known) cache.keepInventory(encodeInventory(list, plan.package));
  const wanted = [...(store.wanted ?? [])].map((digest) => ({ digest }));
  cache.save([...inventory.versions, ...wanted]);
  return true;
}

/** The same, and not so old that the next run could do nothing with it. */
function isStillGood(earlier: Inventory | undefined, { digest, listedAt }: Inventory): boolean {
  return earlier?.digest === digest && listedAt - earlier.listedAt < RESYNC / 2;
}
