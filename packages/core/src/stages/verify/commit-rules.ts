import type { VerifyPolicy } from '../../policy/verify-section.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import type { IdentityPattern } from '../../sigstore/identity-pattern.ts';
import { expectedSigner } from '../../sigstore/token-identity.ts';
import { type VerifyRules, verifyRules } from './rules.ts';

export interface CommitRuleSources {
  readonly policy: VerifyPolicy;
  readonly policyLabel: string;
  /** The `certificate-oidc-issuer` input. */
  readonly issuer: string | undefined;
  readonly github: { readonly repository: string; readonly serverUrl: string; readonly sha: string };
  /** @throws PlimsollError `oidc-unavailable` where this job may have none */
  readonly idToken: (audience: string) => Promise<string>;
}

/**
 * The policy's signers, and this commit: a tag `sha-<commit>` that leads to another commit's image,
 * however well signed, is a replay.
 *
 * @throws PlimsollError as {@link verifyRules}
 */
export async function commitRules(sources: CommitRuleSources): Promise<VerifyRules> {
  const { policy, policyLabel, issuer, github } = sources;
  const inputs = { certificateOidcIssuer: issuer };
  const { identity, ...rules } = verifyRules({ policy, policyLabel, inputs, github });
  const open = policy.identities.length === 0 && policy.allowedIdentity === undefined;
  const own = open ? await ownIdentity(sources) : [];
  return { ...rules, identity: { ...identity, identities: [...identity.identities, ...own], commit: github.sha } };
}

/**
 * Where the policy names no signer, a run may rely on what it signs itself. In a shared workflow that is not one
 * of this repository's workflows. Without the right to a token it signs nothing, and the rules stand as they are.
 */
async function ownIdentity({ idToken, github }: CommitRuleSources): Promise<readonly IdentityPattern[]> {
  const token = await idToken('sigstore').catch(unlessCancelled);
  const own = token === undefined ? undefined : expectedSigner(token, github.serverUrl).identity;
  return own === undefined ? [] : [{ text: own, matches: (value) => value === own }];
}

function unlessCancelled(error: unknown): undefined {
  if (error instanceof PlimsollError && error.code !== 'cancelled') return undefined;
  throw error;
}
