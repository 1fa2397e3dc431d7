import type { Digest } from '../../oci/digest.ts';
import { isAbout } from '../../sigstore/bundle.ts';
import type { IdentityPolicy } from '../../sigstore/identity.ts';
import { identityMismatch } from '../../sigstore/identity-mismatch.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import type { FoundBundle } from './discover.ts';
import type { Prover } from './prove.ts';
import type { Refusal } from './reasons.ts';

/** One bundle after judgement. */
export type JudgedBundle = {
  readonly found: FoundBundle;
  /** Claimed only, as long as the bundle is not accepted. */
  readonly predicateType?: string;
} & (
  | { readonly accepted: true; readonly verified: VerifiedBundle }
  | {
      readonly accepted: false;
      readonly refusal: Refusal;
      readonly reason: string;
      readonly verified?: VerifiedBundle;
    }
);

export interface JudgeBy {
  readonly prove: Prover;
  readonly identity: IdentityPolicy;
}

/** Judges one bundle by itself: is it about what it hangs on, is it genuine, and is its signer wanted. */
export function judgeBundle(found: FoundBundle, { prove, identity }: JudgeBy): JudgedBundle {
  const claimed = found.annotations['dev.sigstore.bundle.predicateType'];
  const common = { found, ...(claimed === undefined ? {} : { predicateType: claimed }) };
  if ('problem' in found.content) return { ...common, ...refused('unreadable', found.content.problem) };
  const proof = prove(found.content.bytes);
  if (proof.kind === 'malformed') return { ...common, ...refused('malformed', proof.reason) };
  const { statement } = proof.bundle;
  const typed = { found, predicateType: statement.predicateType };
  if (!isAbout(statement, found.subject)) return { ...typed, ...refused('subject', elsewhere(statement.subjects)) };
  if (proof.kind === 'false') return { ...typed, ...refused(proof.fault, proof.reason) };
  const verified = proof.bundle;
  const mismatch = identityMismatch(identity, verified.signer);
  if (mismatch !== undefined) return { ...typed, ...refused(mismatch.part, mismatch.reason), verified };
  return { ...typed, accepted: true, verified };
}

function refused(refusal: Refusal, reason: string) {
  return { accepted: false, refusal, reason } as const;
}

function elsewhere(subjects: readonly Digest[]): string {
  return `it is about ${subjects.length === 0 ? 'nothing' : subjects.join(', ')}`;
}
