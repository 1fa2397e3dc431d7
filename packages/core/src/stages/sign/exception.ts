import type { Digest } from '../../oci/digest.ts';
import type { Shortcoming } from '../../policy/sign-section.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { ExtraPredicate } from './plan.ts';
import type { ScanAnswer } from './scan-source.ts';

/** Leave to sign without a pass, and where it comes from. */
export interface Allowance {
  readonly by: 'policy' | 'verify-vuln: false';
  readonly reason: string;
  /** The person or app that started the run. */
  readonly actor: string;
  readonly runUrl: string;
  /** Of the policy in force; `null` when the job may not read it. */
  readonly policyDigest: Digest | null;
  readonly expires?: string;
}

/** Whether this shortcoming may be signed away; `undefined` when nobody said so. */
export type Allow = (state: Shortcoming) => Promise<Allowance | undefined>;

/**
 * What is attested in place of a passing verdict: that there was none, why it was signed all the same, who said so,
 * and under which policy. Pure.
 */
export function exceptionPredicate(
  { state, verdict }: Extract<ScanAnswer, { passed: false }>,
  { by, reason, actor, runUrl, policyDigest, expires }: Allowance,
): ExtraPredicate {
  const { reasons = [], counts } = verdict ?? {};
  return {
    predicateType: PREDICATE_TYPES.exception,
    predicate: {
      version: 1,
      verdict: state,
      reasons,
      ...(counts === undefined ? {} : { counts }),
      allowed: { by, reason, actor, run: runUrl, ...(expires === undefined ? {} : { expires }) },
      policyDigest: policyDigest ?? verdict?.policyDigest ?? null,
    },
  };
}
