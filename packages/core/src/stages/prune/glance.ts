import type { PackageVersion } from '../../policy/retention-rules.ts';
import type { Clock } from '../../runtime/clock.ts';
import { type Inventory, inventoryDigest, isDescending } from './inventory.ts';
import type { VersionStore } from './ports.ts';

/** Milliseconds after which every page is read again, whatever the first ones say. */
export const RESYNC = 7 * 86_400_000;
/** With more than this that is new, the whole list is read: ten pages at a time, it is not slower. */
const MOST_PAGES = 10;

/**
 * What a package most likely holds, by a few requests: the newest pages down to one on which everything was known, and
 * the earlier list below it. Good enough to see that there is nothing to do, and nothing may be deleted by it: that a tag
 * went from one old version to another, or that one went and another came back, cannot be seen from here (ADR 0023).
 * @returns `undefined` where it does not add up, or where the earlier list is too old
 */
export async function glance(store: VersionStore, earlier: Inventory, clock: Clock): Promise<Inventory | undefined> {
  const age = clock.now().getTime() - earlier.listedAt;
  if (age < 0 || age >= RESYNC || !isDescending(earlier.versions)) return undefined;
  const newest = await newestOf(store, new Set(earlier.versions.map(({ id }) => id)));
  if (newest === undefined || !isDescending(newest)) return undefined;
  const versions = [...newest, ...below(newest, earlier.versions)];
  const { versionCount } = await store.info();
  if (versionCount !== versions.length) return undefined;
  return { versions, digest: inventoryDigest(versions), listedAt: earlier.listedAt };
}

/** Page by page, as each may be the last that is needed; `undefined` when there is no end in sight. */
async function newestOf(
  store: VersionStore,
  known: ReadonlySet<number>,
): Promise<readonly PackageVersion[] | undefined> {
  const found: PackageVersion[] = [];
  for (let number = 1; number <= MOST_PAGES; number += 1) {
    const page = await store.page(number, 'active');
    found.push(...page.versions);
    if (number >= page.last || page.versions.every(({ id }) => known.has(id))) return found;
  }
  return undefined;
}

/** The older part of the earlier list, without the tags that are on something newer by now. */
function below(newest: readonly PackageVersion[], earlier: readonly PackageVersion[]): readonly PackageVersion[] {
  const lowest = newest.at(-1)?.id ?? 0;
  const tags = new Set(newest.flatMap((version) => version.tags));
  return earlier
    .filter(({ id }) => id < lowest)
    .map((version) =>
      version.tags.some((tag) => tags.has(tag))
        ? { ...version, tags: version.tags.filter((tag) => !tags.has(tag)) }
        : version,
    );
}
