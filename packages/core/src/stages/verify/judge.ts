import type { TrustMaterial } from '@sigstore/verify';
import type { Digest } from '../../oci/digest.ts';
import { isAbout, parseBundle } from '../../sigstore/bundle.ts';
import { type IdentityPolicy, identityMismatch } from '../../sigstore/identity.ts';
import { type VerifiedBundle, verifyBundle } from '../../sigstore/verify.ts';
import type { FoundBundle } from './discover.ts';

/** Why a bundle does not count. Only `identity` means that it is genuine. */
export type Refusal = 'unreadable' | 'malformed' | 'subject' | 'signature' | 'identity';

/** One bundle after judgement. */
export type JudgedBundle = {
  readonly found: FoundBundle;
  /** Claimed only, as long as the bundle is not accepted. */
  readonly predicateType?: string;
} & (
  | { readonly accepted: true; readonly verified: VerifiedBundle }
  | { readonly accepted: false; readonly refusal: Refusal; readonly reason: string; readonly verified?: VerifiedBundle }
);

export interface JudgeBy {
  readonly trust: TrustMaterial;
  readonly identity: IdentityPolicy;
}

/** Judges one bundle by itself: is it about what it hangs on, is it genuine, and is its signer wanted. */
export function judgeBundle(found: FoundBundle, by: JudgeBy): JudgedBundle {
  const claimed = found.annotations['dev.sigstore.bundle.predicateType'];
  const common = { found, ...(claimed === undefined ? {} : { predicateType: claimed }) };
  if ('problem' in found.content) return { ...common, ...refused('unreadable', found.content.problem) };
  const { bytes } = found.content;
  const parsed = attempt(() => parseBundle(bytes));
  if ('reason' in parsed) return { ...common, ...refused('malformed', parsed.reason) };
  const bundle = parsed.value;
  const typed = { found, predicateType: bundle.statement.predicateType };
  if (!isAbout(bundle.statement, found.subject))
    return { ...typed, ...refused('subject', elsewhere(bundle.statement.subjects)) };
  const proven = attempt(() => verifyBundle(bundle, by.trust));
  if ('reason' in proven) return { ...typed, ...refused('signature', proven.reason) };
  const mismatch = identityMismatch(by.identity, proven.value.signer);
  if (mismatch !== undefined) return { ...typed, ...refused('identity', mismatch), verified: proven.value };
  return { ...typed, accepted: true, verified: proven.value };
}

function refused(refusal: Refusal, reason: string) {
  return { accepted: false, refusal, reason } as const;
}

/** One bad bundle is a fact about that bundle. */
function attempt<T>(body: () => T): { readonly value: T } | { readonly reason: string } {
  try {
    return { value: body() };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

function elsewhere(subjects: readonly Digest[]): string {
  return `it is about ${subjects.length === 0 ? 'nothing' : subjects.join(', ')}`;
}
