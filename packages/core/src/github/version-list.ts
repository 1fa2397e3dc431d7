import { type Digest, isDigest } from '../oci/digest.ts';
import type { PackageVersion } from '../policy/retention-rules.ts';

const NO_TAGS: readonly string[] = Object.freeze([]);
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** What a list of versions has that is not as documented, and where. */
export class UnlikeVersions extends Error {}

/**
 * The versions in a list that GitHub gave. By hand and not by a schema: a package may have a hundred thousand, and
 * whatever a schema makes of each is memory that the run then has.
 * @throws UnlikeVersions
 */
export function versionsIn(list: unknown): PackageVersion[] {
  if (!Array.isArray(list)) throw new UnlikeVersions('the answer');
  const read = timeReader();
  return list.map((one: unknown, index) => versionIn(one, `${index}.`, read));
}

/** One of them. @throws UnlikeVersions */
export function versionIn(value: unknown, at = '', readTime = timeReader()): PackageVersion {
  const { id, name, created_at, metadata } = membersOf(value);
  const { tags } = membersOf(membersOf(metadata)['container']);
  if (typeof id !== 'number' || !Number.isSafeInteger(id)) throw new UnlikeVersions(`${at}id`);
  if (typeof name !== 'string' || !isDigest(name)) throw new UnlikeVersions(`${at}name`);
  const createdAt = typeof created_at === 'string' ? readTime(created_at) : undefined;
  if (createdAt === undefined) throw new UnlikeVersions(`${at}created_at`);
  if (!isTags(tags)) throw new UnlikeVersions(`${at}metadata.container.tags`);
  return { id, digest: name satisfies Digest, createdAt, tags: tags.length === 0 ? NO_TAGS : tags };
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isTags(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((tag) => typeof tag === 'string');
}

/** Whatever was pushed together has the same time. */
function timeReader(): (text: string) => number | undefined {
  let last = '';
  let time: number | undefined;
  return (text) => {
    if (text === last) return time;
    last = text;
    time = TIMESTAMP.test(text) ? Date.parse(text) : undefined;
    return time === undefined || Number.isNaN(time) ? undefined : time;
  };
}
