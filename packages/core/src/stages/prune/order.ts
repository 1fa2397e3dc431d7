import { accessorySubject, type SubjectKey, subjectKey } from '../../oci/accessory-tag.ts';
import type { Digest } from '../../oci/digest.ts';
import { newestFirst, type PackageVersion } from '../../policy/retention-rules.ts';
import type { ManifestNode } from './edges.ts';

type Needs = ReadonlyMap<Digest, readonly Digest[]>;

/** For each doomed version, the doomed ones that must stay if it stays: children, referrers and evidence. */
export function dependants(doomed: readonly PackageVersion[], nodes: ReadonlyMap<Digest, ManifestNode>): Needs {
  const digests = new Set(doomed.map((version) => version.digest));
  const byKey = new Map<SubjectKey, Digest>([...digests].map((digest) => [subjectKey(digest), digest]));
  const needs = new Map<Digest, Set<Digest>>([...digests].map((digest) => [digest, new Set()]));
  for (const { digest, tags } of doomed) {
    const node = nodes.get(digest);
    for (const child of node?.children ?? []) if (digests.has(child.digest)) needs.get(digest)?.add(child.digest);
    if (node?.subject !== undefined) needs.get(node.subject)?.add(digest);
    for (const key of tags.map(accessorySubject)) {
      const subject = key === undefined ? undefined : byKey.get(key);
      if (subject !== undefined && subject !== digest) needs.get(subject)?.add(digest);
    }
  }
  return new Map([...needs].map(([digest, set]) => [digest, [...set]]));
}

/**
 * Nothing before what needs it, so that a run cut short at any point leaves orphans and never a version
 * without its parts. Newest first among equals, which makes the order the same every time.
 */
export function inOrder(doomed: readonly PackageVersion[], needs: Needs): PackageVersion[] {
  const waiting = new Map(doomed.map((version) => [version.digest, 0]));
  for (const list of needs.values()) for (const digest of list) waiting.set(digest, (waiting.get(digest) ?? 0) + 1);
  const sorted = doomed.toSorted(newestFirst);
  const byDigest = new Map(sorted.map((version) => [version.digest, version]));
  const order = new Set<PackageVersion>();
  let ready = sorted.filter((version) => waiting.get(version.digest) === 0);
  while (order.size < sorted.length) {
    // Only accessory tags set by hand can make a circle; any of its members may then go first.
    if (ready.length === 0) ready = sorted.filter((version) => !order.has(version)).slice(0, 1);
    const next: PackageVersion[] = [];
    for (const version of ready) {
      if (order.has(version)) continue;
      order.add(version);
      for (const digest of needs.get(version.digest) ?? []) {
        const left = (waiting.get(digest) ?? 0) - 1;
        waiting.set(digest, left);
        const freed = byDigest.get(digest);
        if (left === 0 && freed !== undefined) next.push(freed);
      }
    }
    ready = next.toSorted(newestFirst);
  }
  return [...order];
}
