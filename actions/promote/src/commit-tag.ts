import type { PromoteLeg } from '@plimsoll/core/stages/promote/leg';
import type { TagWishes } from '@plimsoll/core/stages/promote/wanted-tags';
import type { PromoteContext } from './inputs.ts';

/**
 * An image that is named by a version tag is also that of a commit: of this run's, when that commit's own tag, which
 * nothing but its verified image gets, leads to the same digest. Otherwise nothing is assumed.
 */
export async function withCommit(
  wishes: TagWishes,
  legs: readonly PromoteLeg[],
  { github }: PromoteContext,
): Promise<TagWishes> {
  const [leg] = legs;
  const commitTag = `sha-${github.sha}`;
  if (!wishes.sha || leg === undefined || wishes.sourceTag?.startsWith('sha-') === true) return wishes;
  const [named, commit] = await Promise.all([leg.source.resolve(leg.reference), leg.source.resolve(commitTag)]);
  const same = named !== undefined && named.digest === commit?.digest;
  return same ? { ...wishes, sourceTag: commitTag } : wishes;
}
