import { type Digest, isDigest } from '../../oci/digest.ts';
import type { PackageVersion } from '../../policy/retention-rules.ts';
import { type Inventory, inventoryDigest } from './inventory.ts';
import type { PlannedDeletion } from './plan.ts';

const LINES_AT_ONCE = 1_000;
const NO_TAGS: readonly string[] = Object.freeze([]);

/** A list as later runs find it: one line for the whole, and `id digest time tags` for each version. */
export function encodeInventory({ versions, listedAt }: Inventory, packageName: string): Buffer {
  const pieces = [Buffer.from(`${packageName} ${listedAt}\n`)];
  for (let at = 0; at < versions.length; at += LINES_AT_ONCE)
    pieces.push(
      Buffer.from(
        versions
          .slice(at, at + LINES_AT_ONCE)
          .map(lineOf)
          .join(''),
      ),
    );
  return Buffer.concat(pieces);
}

function lineOf({ id, digest, createdAt, tags }: PackageVersion): string {
  return `${id} ${digest} ${createdAt}${tags.map((tag) => ` ${tag}`).join('')}\n`;
}

/** `undefined` when it is none, or one of another package. */
export function decodeInventory(bytes: Buffer, packageName: string): Inventory | undefined {
  const lines = bytes.toString('latin1').split('\n');
  const [named, time] = (lines[0] ?? '').split(' ');
  const listedAt = wholeNumber(time);
  if (named !== packageName || listedAt === undefined || lines.pop() !== '') return undefined;
  const versions: PackageVersion[] = [];
  for (let at = 1; at < lines.length; at += 1) {
    const version = versionIn(lines[at] ?? '');
    if (version === undefined) return undefined;
    versions.push(version);
  }
  return { versions, digest: inventoryDigest(versions), listedAt };
}

function versionIn(line: string): PackageVersion | undefined {
  const [first, digest = '', time, ...tags] = line.split(' ');
  const [id, createdAt] = [wholeNumber(first), wholeNumber(time)];
  if (id === undefined || createdAt === undefined || !isDigest(digest)) return undefined;
  return { id, digest: digest satisfies Digest, createdAt, tags: tags.length === 0 ? NO_TAGS : tags };
}

function wholeNumber(text: string | undefined): number | undefined {
  const value = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/**
 * What the list will be when these are gone. Written down before they are: if the run ends earlier, the count of the
 * package is another, and the next run reads every page.
 */
export function without(inventory: Inventory, leaving: readonly PlannedDeletion[]): Inventory {
  if (leaving.length === 0) return inventory;
  const gone = new Set(leaving.map(({ id }) => id));
  const versions = inventory.versions.filter(({ id }) => !gone.has(id));
  return { ...inventory, versions, digest: inventoryDigest(versions) };
}
