import type { Digest } from '../../oci/digest.ts';
import type { PackageVersion } from '../../policy/retention-rules.ts';
import { mapConcurrently } from '../../runtime/concurrent.ts';
import type { ManifestStore } from './ports.ts';

const PARALLEL_RESOLVES = 10;

export interface SeenTags {
  /** The same array when the registry has no tag that the list lacks. */
  readonly versions: readonly PackageVersion[];
  /** Tagged digests that the list does not have at all, by the reason that keeps them. */
  readonly extraRoots: ReadonlyMap<Digest, string>;
}

/**
 * Compares the list with the registry's own tags. A tag that moved from a page not yet read to a page
 * already read is on no page of the list; taking its version for untagged would delete what somebody tagged.
 */
export async function unlistedTags(versions: readonly PackageVersion[], manifests: ManifestStore): Promise<SeenTags> {
  const listed = new Set<string>();
  for (const version of versions) for (const tag of version.tags) listed.add(tag);
  const found = await resolveTags(
    (await manifests.tags()).filter((tag) => !listed.has(tag)),
    manifests,
  );
  if (found.size === 0) return { versions, extraRoots: new Map() };
  const byDigest = new Map<Digest, string[]>();
  for (const [tag, digest] of found) byDigest.set(digest, [...(byDigest.get(digest) ?? []), tag]);
  const known = new Set(versions.map((version) => version.digest));
  const extraRoots = new Map(
    [...byDigest].filter(([digest]) => !known.has(digest)).map(([digest, tags]) => [digest, `tag/${tags[0]}`]),
  );
  if (byDigest.size === extraRoots.size) return { versions, extraRoots };
  const retagged = versions.map((version) => {
    const tags = byDigest.get(version.digest);
    return tags === undefined ? version : { ...version, tags: [...version.tags, ...tags] };
  });
  return { versions: retagged, extraRoots };
}

/** Where tags point to now; a tag that is gone again is left out. */
export async function resolveTags(
  tags: readonly string[],
  manifests: Pick<ManifestStore, 'resolve'>,
): Promise<ReadonlyMap<string, Digest>> {
  const found = await mapConcurrently(
    tags,
    PARALLEL_RESOLVES,
    async (tag) => [tag, (await manifests.resolve(tag))?.digest] as const,
  );
  return new Map(found.flatMap(([tag, digest]) => (digest === undefined ? [] : [[tag, digest]])));
}
