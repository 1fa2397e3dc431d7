import { accessorySubject, type SubjectKey, subjectKey } from '../../oci/accessory-tag.ts';
import type { PackageVersion, Verdict } from '../../policy/retention-rules.ts';
import { isFailure } from '../../runtime/errors.ts';
import { listDeleted } from './inventory.ts';
import type { VersionStore } from './ports.ts';

/**
 * Evidence whose subject is not in the package: signatures may be kept in a package of their own, so it
 * goes only when GitHub's list of deleted versions proves that the subject was here. That list is
 * asked for only when there is such evidence.
 */
export async function settleOrphans(
  versions: readonly PackageVersion[],
  verdicts: ReadonlyMap<number, Verdict>,
  store: VersionStore,
): Promise<ReadonlyMap<number, Verdict>> {
  const following = versions.filter((version) => verdicts.get(version.id)?.is === 'follow');
  if (following.length === 0) return verdicts;
  const present = new Set(versions.map((version) => subjectKey(version.digest)));
  const orphans = following.filter(
    (version) => version.part === undefined && !subjectsOf(version).some((key) => present.has(key)),
  );
  if (orphans.length === 0) return verdicts;
  const deleted = await deletedKeys(store);
  const settled = new Map(verdicts);
  for (const version of orphans) {
    const wasHere = subjectsOf(version).every((key) => deleted.has(key));
    const verdict: Verdict = wasHere
      ? { is: 'doom', rule: 'evidence/subject-deleted' }
      : { is: 'keep', rule: 'evidence/subject-elsewhere' };
    settled.set(version.id, verdict);
  }
  return settled;
}

function subjectsOf(version: PackageVersion): SubjectKey[] {
  return version.tags.map(accessorySubject).filter((key) => key !== undefined);
}

/** A token that may not see deleted versions proves nothing, and then the evidence stays. */
async function deletedKeys(store: VersionStore): Promise<ReadonlySet<SubjectKey>> {
  try {
    return new Set([...(await listDeleted(store))].map(subjectKey));
  } catch (error) {
    if (isFailure(error, 'github-denied', 'github-not-found', 'package-not-found')) return new Set();
    throw error;
  }
}
