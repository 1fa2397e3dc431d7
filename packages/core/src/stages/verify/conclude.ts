import type { Digest } from '../../oci/digest.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { PREDICATE_TYPES, predicateName } from '../../sigstore/predicates.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import { exceptionDetail } from './exceptions.ts';
import type { ImageShape } from './image.ts';
import type { JudgedBundle } from './judge.ts';
import type { LostEntry } from './lost.ts';
import type { Reason } from './reasons.ts';
import { isSignatureOf, type RequirementReport } from './requirements.ts';
import { judgeVerdicts } from './verdicts.ts';

/** Everything that the conclusion rests on. */
export interface Findings {
  readonly image: ImageShape;
  readonly judged: readonly JudgedBundle[];
  readonly accepted: readonly VerifiedBundle[];
  readonly requirements: readonly RequirementReport[];
  readonly lost: readonly LostEntry[];
}

/** Why an image does not pass. */
export interface Conclusion {
  readonly failure: PlimsollError;
  /** The codes behind it, each once; none for an image that carries no signature at all. */
  readonly reasons: readonly Reason[];
}

/**
 * Why the image does not pass; `undefined` when it does. Signed by whom comes before what is attested: with
 * no trusted signature, nothing else on the image means anything.
 */
export function conclude({ image, judged, accepted, requirements, lost }: Findings): Conclusion | undefined {
  const { digest } = image.root;
  if (!accepted.some(({ statement }) => isSignatureOf(statement, digest))) {
    return noSignature(digest, judged, lost);
  }
  const verdict = judgeVerdicts(accepted, image);
  const exception = exceptionDetail(accepted, digest);
  if (verdict.denied)
    return { failure: denied(digest, [verdict.detail, ...exception]), reasons: codes([verdict.reason]) };
  const missing = requirements.filter(({ met }) => !met);
  if (missing.length === 0) return undefined;
  return { failure: incomplete(digest, missing, exception), reasons: codes(missing.map(({ reason }) => reason)) };
}

function noSignature(digest: Digest, judged: readonly JudgedBundle[], lost: readonly LostEntry[]): Conclusion {
  const refused = judged.flatMap((each) => {
    const isCandidate = each.found.subject === digest && each.predicateType === PREDICATE_TYPES.signature;
    return isCandidate && !each.accepted ? [each] : [];
  });
  if (refused.length > 0) {
    const why = unique(refused.map(({ reason }) => reason));
    const failure = new PlimsollError('verify-untrusted', `No signature on ${digest} is trusted: ${why}`, {
      hint: 'Compare it with "certificate-identity", "certificate-oidc-issuer" and "source-repository", or with "verify:" in the policy. A reusable workflow signs with its own identity, not with that of the caller.',
    });
    return { failure, reasons: codes(refused.map(({ refusal }) => refusal)) };
  }
  const gone = lost
    .filter(({ subject }) => subject === digest)
    .map(({ predicateType }) => predicateName(predicateType));
  if (gone.length > 0) return lostSignature(digest, gone);
  const others = judged.flatMap(({ predicateType }) => predicateType ?? []).map(predicateName);
  const instead = others.length === 0 ? '' : `; there is only ${unique(others)}`;
  const failure = new PlimsollError('verify-unsigned', `${digest} has no signature${instead}`, {
    hint: 'Sign this very digest with the sign action. Signatures of its platforms, and attestations, are not signatures of the image.',
  });
  return { failure, reasons: [] };
}

function lostSignature(digest: Digest, gone: readonly string[]): Conclusion {
  const message = `${digest} has no signature any more: its list of referrers lost ${unique(gone)}`;
  const failure = new PlimsollError('verify-unsigned', message, {
    hint: 'Another program overwrote the list while it was written. Run the sign action on this digest again: it puts back what is still in the registry, and signs only what is not.',
  });
  return { failure, reasons: ['lost'] };
}

function denied(digest: Digest, details: readonly string[]): PlimsollError {
  return new PlimsollError('verify-policy', `${digest} is refused: ${details.join('; ')}`, {
    hint: 'The newest scan verdict decides. Resolve what that scan found, then scan and sign again.',
  });
}

function incomplete(
  digest: Digest,
  missing: readonly RequirementReport[],
  exception: readonly string[],
): PlimsollError {
  return new PlimsollError(
    'verify-policy',
    `${digest} lacks evidence: ${[...missing.map(({ detail }) => detail), ...exception].join('; ')}`,
    {
      hint: 'Run scan and sign on this digest, or change "verify: required:" in the policy.',
    },
  );
}

function codes(reasons: readonly (Reason | undefined)[]): readonly Reason[] {
  return [...new Set(reasons.flatMap((reason) => reason ?? []))];
}

function unique(texts: readonly string[]): string {
  return [...new Set(texts)].join('; ');
}
