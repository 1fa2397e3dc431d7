import type { Digest } from '../../oci/digest.ts';
import { parseRepositoryName } from '../../oci/reference.ts';
import type { Registries } from '../../oci/registry/registries.ts';
import type { Repository } from '../../oci/registry/repository.ts';
import type { Clock } from '../../runtime/clock.ts';
import { mapConcurrently } from '../../runtime/concurrent.ts';
import { PlimsollError } from '../../runtime/errors.ts';

const PARALLEL = 10;
/** Milliseconds. What was pushed a moment ago is not always there yet. */
const SECOND_LOOK = 3_000;

interface Elsewhere {
  readonly registries: Pick<Registries, 'repository'>;
  readonly clock: Clock;
}

/**
 * Of these digests, those that none of the repositories has: each was asked for twice, and said both times that there is
 * no such manifest. A repository counts only when it shows that it can be read, by its tags.
 * @param names `registry/repository`
 * @throws PlimsollError `registry-not-found` for one without a tag, and what the registries throw; where they are would be unknown
 */
export async function absentSubjects(
  names: readonly string[],
  subjects: readonly Digest[],
  { registries, clock }: Elsewhere,
): Promise<ReadonlySet<Digest>> {
  const repositories = names.map((name) => registries.repository(parseRepositoryName(name)));
  await Promise.all(repositories.map(assertReadable));
  const first = await missing([...new Set(subjects)], repositories);
  if (first.length === 0) return new Set();
  await clock.sleep(SECOND_LOOK);
  return new Set(await missing(first, repositories));
}

async function missing(subjects: readonly Digest[], repositories: readonly Repository[]): Promise<readonly Digest[]> {
  const found = await mapConcurrently(subjects, PARALLEL, async (subject) => {
    for (const repository of repositories) if ((await repository.look(subject)) !== undefined) return true;
    return false;
  });
  return subjects.filter((_subject, index) => found[index] === false);
}

/** A name with a typing error has nothing, and then no image would seem to be there. */
async function assertReadable(repository: Repository): Promise<void> {
  if ((await repository.tags()).length > 0) return;
  throw new PlimsollError('registry-not-found', `"evidence-of: ${repository.label}" has no tags`, {
    hint: 'Nothing was deleted. Correct the name, or leave it out.',
  });
}
