import type { Digest } from '../../oci/digest.ts';
import { pickText } from '../../runtime/pick.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';

/**
 * What the newest exception on an image says: it was signed without a passed scan, why, and who said so. It is told
 * beside what is missing, and never takes the place of a verdict: a policy that takes one requires `exception` by name.
 *
 * @returns one text, or none
 */
export function exceptionDetail(accepted: readonly VerifiedBundle[], root: Digest): readonly string[] {
  const exceptions = accepted
    .filter(({ statement: { predicateType, subjects } }) => predicateType === EXCEPTION && subjects.includes(root))
    .toSorted((a, b) => b.signedAt.getTime() - a.signedAt.getTime());
  const [newest] = exceptions;
  if (newest === undefined) return [];
  const { predicate } = newest.statement;
  const said = (name: string) => pickText(predicate, 'allowed', name) ?? 'nobody says';
  const scan = pickText(predicate, 'verdict') ?? 'unknown';
  const when = newest.signedAt.toISOString();
  return [
    `signed on ${when} with a scan that was ${scan}, allowed by ${said('by')} for ${said('actor')}: ${said('reason')}`,
  ];
}

const EXCEPTION = PREDICATE_TYPES.exception;
