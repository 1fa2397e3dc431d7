import type { GitHubContext } from '../../github/context.ts';
import type { VerifyPolicy } from '../../policy/verify-section.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import type { IdentityPattern } from '../../sigstore/identity-pattern.ts';
import { keyIdentity } from '../../sigstore/key-signer.ts';
import { type ExpectedSigner, expectedSigner } from '../../sigstore/token-identity.ts';
import { decideLog, type LogMode } from '../sign/transparency.ts';
import { type VerifyRules, verifyRules } from './rules.ts';

export interface CommitRuleSources {
  readonly policy: VerifyPolicy;
  readonly policyLabel: string;
  /** The `certificate-oidc-issuer` input. */
  readonly issuer: string | undefined;
  /** The `allowed-identity-regex` input. */
  readonly allowedIdentityRegex?: string | undefined;
  readonly github: Pick<GitHubContext, 'repository' | 'serverUrl' | 'sha' | 'event'>;
  /** The commit that the image is named by; the run's unless given. */
  readonly commit?: string | undefined;
  /** How this run logs; `auto` unless given. */
  readonly transparencyLog?: LogMode;
  /** Who signs when this run signs with a key. */
  readonly key?: (() => Promise<ExpectedSigner>) | undefined;
  /** @throws PlimsollError `oidc-unavailable` where this job may have none */
  readonly idToken: (audience: string) => Promise<string>;
}

/**
 * The policy's signers, and the commit of the image: a tag `sha-<commit>` that leads to another commit's image,
 * however well signed, is a replay. Where the policy says nothing of the log, what this run does not log need not be.
 *
 * @throws PlimsollError as {@link verifyRules}
 */
export async function commitRules(sources: CommitRuleSources): Promise<VerifyRules> {
  const { policy, policyLabel, issuer, allowedIdentityRegex, github, key, transparencyLog = 'auto' } = sources;
  const { commit = github.sha } = sources;
  const inputs = { certificateOidcIssuer: issuer, allowedIdentityRegex };
  const rules = verifyRules({ policy, policyLabel, inputs, github });
  const token = key === undefined ? await tokenOf(sources) : undefined;
  const { log } = decideLog(transparencyLog, github.event, token);
  const logged: VerifyRules = { ...rules, log: policy.transparencyLog ?? (log ? 'required' : 'optional') };
  // A certificate names the commit of its run; a key cannot.
  if (key !== undefined) return { ...logged, identity: keyIdentity((await key()).identity ?? '') };
  const open = policy.identities.length === 0 && (allowedIdentityRegex ?? policy.allowedIdentity) === undefined;
  const own = open ? ownIdentity(token, github.serverUrl) : [];
  const { identity } = rules;
  return { ...logged, identity: { ...identity, identities: [...identity.identities, ...own], commit } };
}

/**
 * Where the policy names no signer, a run may rely on what it signs itself. In a shared workflow that is not one
 * of this repository's workflows.
 */
function ownIdentity(token: string | undefined, serverUrl: string): readonly IdentityPattern[] {
  const own = token === undefined ? undefined : expectedSigner(token, serverUrl).identity;
  return own === undefined ? [] : [{ text: own, matches: (value) => value === own }];
}

/** Without the right to a token a run signs nothing, and the rules stand as they are. */
function tokenOf({ idToken }: CommitRuleSources): Promise<string | undefined> {
  return idToken('sigstore').catch(unlessCancelled);
}

function unlessCancelled(error: unknown): undefined {
  if (error instanceof PlimsollError && error.code !== 'cancelled') return undefined;
  throw error;
}
