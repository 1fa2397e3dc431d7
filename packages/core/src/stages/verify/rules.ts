import type { VerifyPolicy } from '../../policy/verify-section.ts';
import { type IdentityPolicy, identityPolicy } from '../../sigstore/identity.ts';
import { compileIdentity } from '../../sigstore/identity-pattern.ts';
import type { ContentRules } from './content-rules.ts';

/** What the inputs of a step say about who may sign; each replaces the same rule of the policy file. */
export interface IdentityInputs {
  readonly certificateIdentity?: string | undefined;
  readonly certificateOidcIssuer?: string | undefined;
  readonly sourceRepository?: string | undefined;
  /** All hexadecimal digits. */
  readonly commit?: string | undefined;
}

export interface RuleSources {
  readonly policy: VerifyPolicy;
  /** What people call the policy file, or `the defaults`. */
  readonly policyLabel: string;
  readonly inputs: IdentityInputs;
  /** The repository of this run: an image comes from nowhere else unless somebody says so. */
  readonly github: { readonly repository: string; readonly serverUrl: string };
}

export interface VerifyRules {
  readonly identity: IdentityPolicy;
  readonly identitySource: string;
  /** Predicate types. */
  readonly required: readonly string[];
  readonly content: ContentRules;
}

/**
 * Puts policy file, inputs and run together. The source repository is always bound, also where an
 * identity is named: a shared workflow signs with one identity for everybody who calls it.
 *
 * @throws PlimsollError `input-invalid` for an input, `policy-invalid` for a rule of the file
 */
export function verifyRules({ policy, policyLabel, inputs, github }: RuleSources): VerifyRules {
  const given = Object.values(inputs).some((value) => value !== undefined);
  const { certificateIdentity } = inputs;
  const identity = identityPolicy({
    issuer: inputs.certificateOidcIssuer ?? policy.issuer,
    identities: certificateIdentity === undefined ? policy.identities : [certificateIdentity],
    sourceRepository: inputs.sourceRepository ?? policy.sourceRepository ?? github.repository,
    ref: policy.ref,
    commit: inputs.commit,
    sourceRepositoryId: policy.sourceRepositoryId,
    sourceOwnerId: policy.sourceOwnerId,
    runnerEnvironment: policy.runnerEnvironment,
    triggers: policy.triggers,
    serverUrl: github.serverUrl,
    code: given ? 'input-invalid' : 'policy-invalid',
  });
  const named = certificateIdentity !== undefined || policy.identities.length > 0;
  const { required, maxAges, maxFindings, builderIds } = policy;
  const content = { maxAges, maxFindings, builderIds: builderIds.map((id) => compileIdentity(id)) };
  return { identity, identitySource: sourceOf(given, { policyLabel, named }), required, content };
}

/** Said in every report: who may sign is never left to be guessed. */
function sourceOf(given: boolean, { policyLabel, named }: { policyLabel: string; named: boolean }): string {
  const source = given ? `the inputs of this step, then ${policyLabel}` : policyLabel;
  return named ? source : `${source}; no workflow is named, so any of the source repository may sign`;
}
