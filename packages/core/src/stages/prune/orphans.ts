import { accessorySubject, type SubjectKey, subjectKey } from '../../oci/accessory-tag.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import type { PackageVersion, Verdict } from '../../policy/retention-rules.ts';
import { isFailure } from '../../runtime/errors.ts';
import { listDeleted } from './inventory.ts';
import type { VersionStore } from './ports.ts';

export interface OrphanPorts {
  readonly store: VersionStore;
  /** Of these, what is certainly gone from the packages that the evidence is about; absent where nobody said which. */
  readonly absent: ((subjects: readonly Digest[]) => Promise<ReadonlySet<Digest>>) | undefined;
  /** Milliseconds since 1970; evidence that is younger may be of an image that is still to come. None goes without. */
  readonly before: number | undefined;
}

/**
 * Evidence whose subject is not in the package: signatures may be kept in a package of their own, so it
 * goes only when GitHub's list of deleted versions proves that the subject was here, or when none of the packages that it
 * may be about has the subject any more. Neither is asked for unless there is such evidence.
 * @throws what `absent` throws: then it is unknown
 */
export async function settleOrphans(
  versions: readonly PackageVersion[],
  verdicts: ReadonlyMap<number, Verdict>,
  { store, absent, before }: OrphanPorts,
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
  const elsewhere: PackageVersion[] = [];
  for (const version of orphans) {
    if (subjectsOf(version).every((key) => deleted.has(key))) settled.set(version.id, DELETED);
    else elsewhere.push(version);
  }
  const old = elsewhere.filter(({ createdAt }) => before !== undefined && createdAt < before);
  const gone = absent === undefined || old.length === 0 ? new Set() : await absent(old.flatMap(digestsOf));
  for (const version of elsewhere) {
    const subjects = digestsOf(version);
    const isGone = old.includes(version) && subjects.length > 0 && subjects.every((subject) => gone.has(subject));
    settled.set(version.id, isGone ? GONE : ELSEWHERE);
  }
  return settled;
}

const DELETED: Verdict = { is: 'doom', rule: 'evidence/subject-deleted' };
const GONE: Verdict = { is: 'doom', rule: 'evidence/subject-gone' };
const ELSEWHERE: Verdict = { is: 'keep', rule: 'evidence/subject-elsewhere' };

/** What the evidence is about; nothing where a tag does not hold the whole digest, as of sha512. */
function digestsOf(version: PackageVersion): readonly Digest[] {
  const digests = subjectsOf(version).map((key) => key.replace('-', ':'));
  return digests.every(isDigest) ? digests : [];
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
