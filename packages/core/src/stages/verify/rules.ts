import type { VerifyPolicy } from '../../policy/verify-section.ts';
import { type IdentityPolicy, identityPolicy } from '../../sigstore/identity.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { compileExpression, isWide } from '../../sigstore/identity-expression.ts';
import type { ProofRules } from '../../sigstore/verify.ts';
import { compileIdentity } from '../../sigstore/identity-pattern.ts';
import type { ContentRules } from './content-rules.ts';

/** What the inputs of a step say about who may sign; each replaces the same rule of the policy file. */
export interface IdentityInputs {
  readonly certificateIdentity?: string | undefined;
  /** A regular expression in place of the identities, see {@link IdentityPolicy.allowed}. */
  readonly allowedIdentityRegex?: string | undefined;
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
  /** What somebody should look at again. */
  readonly warnings: readonly string[];
  readonly log: ProofRules['log'];
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
  const code = given ? 'input-invalid' : 'policy-invalid';
  const expression = allowedExpression(policy, inputs);
  const identity = identityPolicy({
    issuer: inputs.certificateOidcIssuer ?? policy.issuer,
    identities: identitiesOf(policy, inputs),
    allowed: expression === undefined ? undefined : compileExpression(expression, code),
    sourceRepository:
      inputs.sourceRepository ??
      policy.sourceRepository ??
      (expression === undefined ? github.repository : github.repository.replace(/[^/]+$/, '*')),
    ref: policy.ref,
    commit: inputs.commit,
    sourceRepositoryId: policy.sourceRepositoryId,
    sourceOwnerId: policy.sourceOwnerId,
    runnerEnvironment: policy.runnerEnvironment,
    triggers: policy.triggers,
    serverUrl: github.serverUrl,
    code,
  });
  const named = [certificateIdentity, expression, ...policy.identities].some((text) => text !== undefined);
  const { required, maxAges, maxFindings, builderIds } = policy;
  const content = { maxAges, maxFindings, builderIds: builderIds.map((id) => compileIdentity(id)) };
  const warnings = expression !== undefined && isWide(expression) ? [wide(expression, identity)] : [];
  const log = policy.transparencyLog ?? 'required';
  return { identity, identitySource: sourceOf(given, { policyLabel, named }), required, content, warnings, log };
}

function identitiesOf(policy: VerifyPolicy, inputs: IdentityInputs): readonly string[] {
  if (inputs.certificateIdentity !== undefined) return [inputs.certificateIdentity];
  return inputs.allowedIdentityRegex === undefined ? policy.identities : [];
}

/** @throws PlimsollError `input-conflict` */
function allowedExpression(policy: VerifyPolicy, inputs: IdentityInputs): string | undefined {
  const { certificateIdentity, allowedIdentityRegex } = inputs;
  if (certificateIdentity === undefined) return allowedIdentityRegex ?? policy.allowedIdentity;
  if (allowedIdentityRegex === undefined) return undefined;
  throw new PlimsollError(
    'input-conflict',
    '"certificate-identity" and "allowed-identity-regex" both say who may sign',
    {
      hint: 'Keep the exact identity, or the expression.',
    },
  );
}

function wide(expression: string, { sourceRepository, sourceOwner }: IdentityPolicy): string {
  const bound = sourceRepository ?? `any repository of ${sourceOwner}`;
  return `"${expression}" does not name one owner: only that the signing run was of ${bound} keeps strangers out. Begin it with https://github\\.com/OWNER/`;
}

/** Said in every report: who may sign is never left to be guessed. */
function sourceOf(given: boolean, { policyLabel, named }: { policyLabel: string; named: boolean }): string {
  const source = given ? `the inputs of this step, then ${policyLabel}` : policyLabel;
  return named ? source : `${source}; no workflow is named, so any of the source repository may sign`;
}
