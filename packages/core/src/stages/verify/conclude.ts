import type { Digest } from '../../oci/digest.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { PREDICATE_TYPES, predicateName } from '../../sigstore/predicates.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import type { ImageShape } from './image.ts';
import type { JudgedBundle } from './judge.ts';
import { isSignatureOf, type RequirementReport } from './requirements.ts';
import { judgeVerdicts } from './verdicts.ts';

/** Everything that the conclusion rests on. */
export interface Findings {
  readonly image: ImageShape;
  readonly judged: readonly JudgedBundle[];
  readonly accepted: readonly VerifiedBundle[];
  readonly requirements: readonly RequirementReport[];
}

/**
 * Why the image does not pass; `undefined` when it does. Signed by whom comes before what is attested: with
 * no trusted signature, nothing else on the image means anything.
 */
export function conclude({ image, judged, accepted, requirements }: Findings): PlimsollError | undefined {
  const { digest } = image.root;
  if (!accepted.some(({ statement }) => isSignatureOf(statement, digest))) return noSignature(digest, judged);
  const verdict = judgeVerdicts(accepted, image);
  if (verdict.denied) return denied(digest, verdict.detail);
  const missing = requirements.filter(({ met }) => !met);
  return missing.length === 0 ? undefined : incomplete(digest, missing);
}

function noSignature(digest: Digest, judged: readonly JudgedBundle[]): PlimsollError {
  const refused = judged.flatMap((each) => {
    const isCandidate = each.found.subject === digest && each.predicateType === PREDICATE_TYPES.signature;
    return isCandidate && !each.accepted ? [each.reason] : [];
  });
  if (refused.length > 0) {
    return new PlimsollError('verify-untrusted', `No signature on ${digest} is trusted: ${unique(refused)}`, {
      hint: 'Compare it with "certificate-identity", "certificate-oidc-issuer" and "source-repository", or with "verify:" in the policy. A reusable workflow signs with its own identity, not with that of the caller.',
    });
  }
  const others = judged.flatMap(({ predicateType }) => predicateType ?? []).map(predicateName);
  const instead = others.length === 0 ? '' : `; there is only ${unique(others)}`;
  return new PlimsollError('verify-unsigned', `${digest} has no signature${instead}`, {
    hint: 'Sign this very digest with the sign action. Signatures of its platforms, and attestations, are not signatures of the image.',
  });
}

function denied(digest: Digest, detail: string): PlimsollError {
  return new PlimsollError('verify-policy', `${digest} is refused: ${detail}`, {
    hint: 'The newest scan verdict decides. Resolve what that scan found, then scan and sign again.',
  });
}

function incomplete(digest: Digest, missing: readonly RequirementReport[]): PlimsollError {
  return new PlimsollError(
    'verify-policy',
    `${digest} lacks evidence: ${missing.map(({ detail }) => detail).join('; ')}`,
    {
      hint: 'Run scan and sign on this digest, or change "verify: required:" in the policy.',
    },
  );
}

function unique(texts: readonly string[]): string {
  return [...new Set(texts)].join('; ');
}
