import { algorithmOf, type Digest, hexOf } from '../oci/digest.ts';
import { PREDICATE_TYPES } from './predicates.ts';
import type { Statement } from './statement.ts';

export type SlsaLevel = 'SLSA_BUILD_LEVEL_UNEVALUATED' | 'SLSA_BUILD_LEVEL_1' | 'SLSA_BUILD_LEVEL_2';

/** What a verifier says of an image that it accepted. */
export interface VerificationSummary {
  /** What was verified. */
  readonly subject: Digest;
  /** The verifier: the workflow that verified and signs this. URI. */
  readonly verifier: string;
  readonly verifiedAt: Date;
  /** Registry and repository that the image is for. */
  readonly repository: string;
  readonly policy: { readonly uri: string; readonly digest: Digest };
  /** The referrers whose attestations were accepted. */
  readonly inputs: readonly { readonly repository: string; readonly digest: Digest }[];
  readonly level: SlsaLevel;
}

/** A Verification Summary Attestation that passed (slsa.dev/spec/v1.1/verification_summary). */
export function vsaStatement(summary: VerificationSummary): Statement {
  const { subject, verifier, verifiedAt, repository, policy, inputs, level } = summary;
  return {
    subjects: [subject],
    predicateType: PREDICATE_TYPES.vsa,
    predicate: {
      verifier: { id: verifier },
      timeVerified: `${verifiedAt.toISOString().slice(0, 19)}Z`,
      resourceUri: `oci://${repository}`,
      policy: { uri: policy.uri, digest: digestSet(policy.digest) },
      inputAttestations: inputs.map((each) => ({
        uri: `oci://${each.repository}@${each.digest}`,
        digest: digestSet(each.digest),
      })),
      verificationResult: 'PASSED',
      verifiedLevels: [level],
      slsaVersion: '1.1',
    },
  };
}

function digestSet(digest: Digest): Record<string, string> {
  return { [algorithmOf(digest)]: hexOf(digest) };
}
