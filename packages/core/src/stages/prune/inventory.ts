import { createHash } from 'node:crypto';
import type { VersionsPage } from '../../github/packages.ts';
import type { Digest } from '../../oci/digest.ts';
import type { PackageVersion } from '../../policy/retention-rules.ts';
import { type Clock, systemClock } from '../../runtime/clock.ts';
import { mapConcurrently } from '../../runtime/concurrent.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import type { VersionStore } from './ports.ts';
import { requirePages } from './quota.ts';

/** Every version of a package, proven to be all of them. */
export interface Inventory {
  readonly versions: readonly PackageVersion[];
  /** Over ids, digests and tags: two equal inventories have equal digests, in whatever order they came. */
  readonly digest: Digest;
  /** Milliseconds since 1970 when every page was read; of a `glance`, when that was last done. */
  readonly listedAt: number;
}

const ATTEMPTS = 4;
const PARALLEL_PAGES = 10;
const LINES_AT_ONCE = 1_000;
/** Page 1 again, and the count. */
const REQUESTS_AFTER_LIST = 2;

interface Listing {
  readonly inventory: Inventory;
  /** Why this listing alone proves nothing; a `doubt` is settled by a second, equal listing, a `flaw` never is. */
  readonly problem?: { readonly is: 'doubt' | 'flaw'; readonly text: string };
}

/**
 * Lists every version. A version that is missing from the list may be the index that keeps others
 * alive, so the list is accepted only when page 1 read again is unchanged, the pages are full and do
 * not overlap, and the package's own count agrees before and after; otherwise it is read again.
 * @throws PlimsollError `inventory-incomplete`, and what the store throws
 */
export async function takeInventory(
  store: VersionStore,
  { clock = systemClock, signal }: { readonly clock?: Clock; readonly signal?: AbortSignal } = {},
): Promise<Inventory> {
  let last: Listing | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (attempt > 0) await clock.sleep(1_000 * 2 ** attempt, signal);
    const listing = await listOnce(store, clock);
    if (listing.problem === undefined) return listing.inventory;
    const settled = listing.problem.is === 'doubt' && last?.inventory.digest === listing.inventory.digest;
    if (settled) return listing.inventory;
    last = listing;
  }
  throw new PlimsollError(
    'inventory-incomplete',
    `The list of versions changes or is incomplete: ${last?.problem?.text}`,
    {
      hint: 'Nothing was deleted. Run again when no workflow is pushing to the package; see https://www.githubstatus.com if it stays.',
    },
  );
}

async function listOnce(store: VersionStore, clock: Clock): Promise<Listing> {
  const listedAt = clock.now().getTime();
  const before = await store.info();
  const pages = await readPages(store);
  const again = pages.length > 1 ? await store.page(1, 'active') : pages[0];
  const after = pages.length > 1 ? await store.info() : before;
  const versions = distinct(pages.flatMap((page) => page.versions));
  const inventory = { versions, digest: inventoryDigest(versions), listedAt };
  const counts = { before: before.versionCount, after: after.versionCount, found: versions.length };
  const problem = problemOf(pages, again, counts) ?? orderProblem(pages);
  return problem === undefined ? { inventory } : { inventory, problem };
}

/** All pages of the active versions, page 1 first. */
async function readPages(store: VersionStore): Promise<VersionsPage[]> {
  const first = await store.page(1, 'active');
  const rest = Array.from({ length: Math.max(0, first.last - 1) }, (_, index) => index + 2);
  requirePages(rest.length + REQUESTS_AFTER_LIST, store.quota?.());
  return [first, ...(await mapConcurrently(rest, PARALLEL_PAGES, (page) => store.page(page, 'active')))];
}

interface Counts {
  readonly before: number | undefined;
  readonly after: number | undefined;
  readonly found: number;
}

function problemOf(
  pages: readonly VersionsPage[],
  again: VersionsPage | undefined,
  counts: Counts,
): Listing['problem'] {
  const [first] = pages;
  const listed = pages.reduce((sum, page) => sum + page.versions.length, 0);
  if (fingerprint(first) !== fingerprint(again)) return { is: 'flaw', text: 'page 1 changed while the rest was read' };
  if (pages.slice(0, -1).some((page) => page.versions.length !== first?.versions.length)) {
    return { is: 'flaw', text: 'a page in the middle is not full' };
  }
  if (pages.length > 1 && pages.at(-1)?.versions.length === 0) return { is: 'flaw', text: 'the last page is empty' };
  if (listed !== counts.found) return { is: 'flaw', text: 'a version is on two pages' };
  if (counts.before !== counts.after)
    return { is: 'flaw', text: 'the number of versions changed while they were read' };
  if (counts.after !== undefined && counts.found < counts.after) {
    return { is: 'flaw', text: `${counts.found} versions are listed, and the package has ${counts.after}` };
  }
  if (counts.after !== undefined && counts.found > counts.after) {
    return { is: 'doubt', text: `${counts.found} versions are listed, and the package counts only ${counts.after}` };
  }
  if (pages.length > 1 && counts.after === undefined)
    return { is: 'doubt', text: 'the package does not count its versions' };
  return undefined;
}

/** Only in descending order is every addition seen on page 1. */
function orderProblem(pages: readonly VersionsPage[]): Listing['problem'] {
  const inOrder = pages.every(({ versions }, index) => {
    const before = pages[index - 1]?.versions.at(-1)?.id ?? Number.POSITIVE_INFINITY;
    return isDescending(versions) && (versions[0] === undefined || versions[0].id < before);
  });
  return pages.length === 1 || inOrder ? undefined : { is: 'doubt', text: 'the versions are not listed newest first' };
}

/** The last of those with the same id. */
function distinct(versions: readonly PackageVersion[]): readonly PackageVersion[] {
  return isDescending(versions) ? versions : [...new Map(versions.map((one) => [one.id, one])).values()];
}

function fingerprint(page: VersionsPage | undefined): string {
  return JSON.stringify(page?.versions.map(({ id, tags }) => [id, tags.toSorted()]));
}

/** Newest first, so that whatever is added comes on page 1. */
export function isDescending(versions: readonly PackageVersion[]): boolean {
  return versions.every((version, index) => index === 0 || version.id < (versions[index - 1]?.id ?? 0));
}

/** Over what identifies each version and its tags; the order of the list does not matter. */
export function inventoryDigest(versions: readonly PackageVersion[]): Digest {
  const hash = createHash('sha256');
  const inOrder = isDescending(versions) ? versions.toReversed() : versions.toSorted((a, b) => a.id - b.id);
  for (let at = 0; at < inOrder.length; at += LINES_AT_ONCE)
    hash.update(
      inOrder
        .slice(at, at + LINES_AT_ONCE)
        .map(lineOf)
        .join(''),
    );
  return `sha256:${hash.digest('hex')}`;
}

function lineOf({ id, digest, tags }: PackageVersion): string {
  return `${id} ${digest} ${tags.length < 2 ? (tags[0] ?? '') : tags.toSorted().join(' ')}\n`;
}

/** Digests deleted from this package that GitHub can still restore: proof that a missing subject was here once. */
export async function listDeleted(store: VersionStore): Promise<ReadonlySet<Digest>> {
  const first = await store.page(1, 'deleted');
  const rest = Array.from({ length: Math.max(0, first.last - 1) }, (_, index) => index + 2);
  const pages = [first, ...(await mapConcurrently(rest, PARALLEL_PAGES, (page) => store.page(page, 'deleted')))];
  return new Set(pages.flatMap((page) => page.versions.map((version) => version.digest)));
}
