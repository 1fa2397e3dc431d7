import type { Digest } from '../../oci/digest.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import type { ImageShape } from './image.ts';
import type { JudgedBundle } from './judge.ts';

/** An entry that was in a list of referrers and no longer is. */
export interface LostEntry {
  /** Of the evidence that is not listed any more. */
  readonly predicateType: string;
  /** Whose list lost it. */
  readonly subject: Digest;
  /** Where the same bundle is still listed; absent for a signature, which hangs on one digest alone. */
  readonly listedOn?: Digest;
}

type Hung = { readonly on: Digest; readonly verified: VerifiedBundle };

/**
 * What other evidence says should be there. A bundle hangs on everything that it names: one that names the index and
 * is listed for a platform only was lost at the index, most likely to another program that read the list at the
 * fallback tag before us and wrote it after us. Where that happened, a signature that is missing was lost with it. Pure.
 *
 * Only accepted evidence speaks, so nobody else can make up a loss. A platform that carries no evidence at all is not
 * one that lost it: `scope: index` leaves platforms bare. The index always carries some.
 */
export function lostEntries(image: ImageShape, judged: readonly JudgedBundle[]): readonly LostEntry[] {
  const hung = judged.flatMap((each): readonly Hung[] =>
    each.accepted ? [{ on: each.found.subject, verified: each.verified }] : [],
  );
  const carrying = new Set([image.root.digest, ...hung.map(({ on }) => on)]);
  const lost = hung.flatMap(({ on, verified }) =>
    verified.statement.subjects
      .filter(
        (subject) => carrying.has(subject) && !hung.some((other) => other.on === subject && isSame(other, verified)),
      )
      .map((subject) => ({ predicateType: verified.statement.predicateType, subject, listedOn: on })),
  );
  const subjects = [...new Set(lost.map(({ subject }) => subject))];
  const unsigned = subjects.filter(
    (subject) => !hung.some(({ on, verified }) => on === subject && isSignature(verified)),
  );
  return [...unsigned.map((subject) => ({ predicateType: PREDICATE_TYPES.signature, subject })), ...distinct(lost)];
}

/** The same bundle, or one that claims as much about the same content: signed again, it need not hang there twice. */
function isSame({ verified }: Hung, { statement }: VerifiedBundle): boolean {
  const there = verified.statement;
  return (
    there.predicateType === statement.predicateType &&
    there.subjects.length === statement.subjects.length &&
    statement.subjects.every((subject) => there.subjects.includes(subject))
  );
}

function isSignature({ statement }: VerifiedBundle): boolean {
  return statement.predicateType === PREDICATE_TYPES.signature;
}

function distinct(lost: readonly LostEntry[]): readonly LostEntry[] {
  return [...Map.groupBy(lost, (each) => `${each.predicateType} ${each.subject}`).values()].flatMap(
    ([first]) => first ?? [],
  );
}
