import type { ErrorCode } from '../runtime/error-codes.ts';
import { PlimsollError } from '../runtime/errors.ts';
import { compileIdentity, compileRef, type IdentityPattern } from './identity-pattern.ts';
import type { Signer } from './signer.ts';

/** Who may have signed. Every part that is there must agree. */
export interface IdentityPolicy {
  /** Compared exactly. */
  readonly issuer: string;
  /** One of these must match. Never empty. */
  readonly identities: readonly IdentityPattern[];
  /** URL of the repository whose run signed; compared without case, as GitHub does. */
  readonly sourceRepository?: string;
  readonly ref?: IdentityPattern;
  /** The commit that the signing run was for, compared exactly. */
  readonly commit?: string;
}

/** The same, as people write it. */
export interface IdentityRules {
  readonly issuer: string;
  readonly identities?: readonly string[] | undefined;
  /** `owner/name`, or the whole URL. */
  readonly sourceRepository?: string | undefined;
  readonly ref?: string | undefined;
  /** Where `owner/name` lives. */
  readonly serverUrl?: string | undefined;
  /** The code for a rule that cannot be used: `input-invalid` when it came from an input. */
  readonly code?: ErrorCode;
}

/**
 * Compiles the rules. Without `identities`, any workflow file of the source repository may sign.
 * @throws PlimsollError `code` (default `policy-invalid`) for a rule that matches too much, or when nobody is named
 */
export function identityPolicy(rules: IdentityRules): IdentityPolicy {
  const code = rules.code ?? 'policy-invalid';
  const repository = rules.sourceRepository && repositoryUrl(rules.sourceRepository, rules.serverUrl, code);
  const written = rules.identities?.length ? rules.identities : workflowsOf(repository, code);
  return {
    issuer: rules.issuer,
    identities: written.map((text) => compileIdentity(text, code)),
    ...(repository ? { sourceRepository: repository } : {}),
    ...(rules.ref ? { ref: compileRef(rules.ref, code) } : {}),
  };
}

/** Why this signer is not the one that the policy wants; `undefined` when it is. */
export function identityMismatch(policy: IdentityPolicy, signer: Signer): string | undefined {
  if (signer.issuer !== policy.issuer) return `issuer is ${signer.issuer}, not ${policy.issuer}`;
  const { sourceRepository, ref } = policy;
  if (sourceRepository !== undefined && signer.sourceRepository?.toLowerCase() !== sourceRepository.toLowerCase()) {
    return `source repository is ${signer.sourceRepository ?? 'not stated'}, not ${sourceRepository}`;
  }
  if (!policy.identities.some((pattern) => pattern.matches(signer.identity))) {
    return `identity is ${signer.identity}, not ${policy.identities.map((pattern) => pattern.text).join(' or ')}`;
  }
  if (policy.commit !== undefined && signer.sourceDigest !== policy.commit) {
    return `commit is ${signer.sourceDigest ?? 'not stated'}, not ${policy.commit}`;
  }
  if (ref !== undefined && !(signer.sourceRef !== undefined && ref.matches(signer.sourceRef))) {
    return `ref is ${signer.sourceRef ?? 'not stated'}, not ${ref.text}`;
  }
  return undefined;
}

/** The policy in words, for a summary. */
export function describePolicy(policy: IdentityPolicy): Readonly<Record<string, string>> {
  return {
    issuer: policy.issuer,
    identity: policy.identities.map((pattern) => pattern.text).join(' or '),
    ...(policy.sourceRepository ? { 'source repository': policy.sourceRepository } : {}),
    ...(policy.ref ? { ref: policy.ref.text } : {}),
    ...(policy.commit ? { commit: policy.commit } : {}),
  };
}

function workflowsOf(repository: string | undefined, code: ErrorCode): readonly string[] {
  if (repository) return [`${repository}/.github/workflows/*@**`];
  throw new PlimsollError(code, 'Nothing says who may have signed', {
    hint: 'Give "certificate-identity" or "source-repository", or a policy file with a "verify:" section.',
  });
}

function repositoryUrl(text: string, serverUrl = 'https://github.com', code: ErrorCode): string {
  const url = /^[\w.-]+\/[\w.-]+$/.test(text) ? `${serverUrl.replace(/\/+$/, '')}/${text}` : text.replace(/\/+$/, '');
  if (/^https?:\/\/[^/\s*]+(?:\/[\w.-]+){2,}$/.test(url)) return url;
  throw new PlimsollError(code, `"${text.slice(0, 200)}" is not a repository`, {
    hint: 'Write owner/name, or https://host/owner/name.',
  });
}
