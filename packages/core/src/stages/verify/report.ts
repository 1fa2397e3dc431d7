import type { Digest } from '../../oci/digest.ts';
import type { ErrorCode } from '../../runtime/error-codes.ts';
import type { Signer } from '../../sigstore/signer.ts';
import type { JudgedBundle } from './judge.ts';
import type { LostEntry } from './lost.ts';
import type { Reason, Refusal } from './reasons.ts';
import type { RequirementReport } from './requirements.ts';

/** One bundle as a person or a program reads about it; who signed is absent unless the signature is genuine. */
export interface BundleReport extends Partial<Signer> {
  readonly referrer: Digest;
  /** What it hangs on. */
  readonly subject: Digest;
  readonly subjectName: string;
  /** Claimed only, unless accepted. */
  readonly predicateType?: string;
  readonly accepted: boolean;
  readonly refusal?: Refusal;
  readonly reason?: string;
  /** Proven by the timestamp authority or the log. ISO 8601. */
  readonly signedAt?: string;
  /** Present where no transparency log has it. */
  readonly unlogged?: true;
}

export type VerifyOutcome =
  | 'verified'
  | 'unsigned'
  | 'untrusted'
  | 'policy'
  | 'unreachable'
  | 'not-found'
  | 'trust-root';

/** What verification found: the same object is the action's JSON report. */
export interface VerifyReport {
  readonly version: 1;
  /** Registry and repository. */
  readonly repository: string;
  readonly digest: Digest;
  readonly outcome: VerifyOutcome;
  readonly verified: boolean;
  /** The identity policy in words, and where it came from. */
  readonly policy: Readonly<Record<string, string>>;
  readonly requirements: readonly RequirementReport[];
  readonly bundles: readonly BundleReport[];
  /** What must have been listed once, as the rest of the evidence shows. */
  readonly lost: readonly (LostEntry & { readonly subjectName: string })[];
  /** Present unless verified. */
  readonly failure?: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly hint: string;
    /** What the evidence that there is was refused for; none where there is no evidence, or none could be read. */
    readonly reasons: readonly Reason[];
  };
  readonly checkedAt: string;
}

export function bundleReport(judged: JudgedBundle, subjectName: string): BundleReport {
  const { found, predicateType } = judged;
  const signer = judged.verified?.signer;
  return {
    referrer: found.referrer,
    subject: found.subject,
    subjectName,
    ...(predicateType === undefined ? {} : { predicateType }),
    accepted: judged.accepted,
    ...(judged.accepted ? {} : { refusal: judged.refusal, reason: judged.reason }),
    ...signer,
    ...(judged.verified === undefined ? {} : { signedAt: judged.verified.signedAt.toISOString() }),
    ...(judged.verified?.logged === false ? { unlogged: true as const } : {}),
  };
}
