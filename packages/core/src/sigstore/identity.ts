import type { ErrorCode } from '../runtime/error-codes.ts';
import { PlimsollError } from '../runtime/errors.ts';
import { compileIdentity, compileRef, type IdentityPattern } from './identity-pattern.ts';

/** Who may have signed. Every part that is there must agree. */
export interface IdentityPolicy {
  /** Compared exactly. */
  readonly issuer: string;
  /** One of these must match; empty only where `allowed` is there. */
  readonly identities: readonly IdentityPattern[];
  /** Takes the place of `identities`: must match the identity, or the workflow file that called it. */
  readonly allowed?: IdentityPattern;
  /** URL of the repository whose run signed; compared without case, as GitHub does. */
  readonly sourceRepository?: string;
  /** URL of the owner of that repository, where any repository of theirs will do. */
  readonly sourceOwner?: string;
  readonly ref?: IdentityPattern;
  /** The commit that the signing run was for, compared exactly. */
  readonly commit?: string;
  /** GitHub's numbers of repository and owner: a name can be given up and taken by somebody else, a number cannot. */
  readonly sourceRepositoryId?: string;
  readonly sourceOwnerId?: string;
  readonly runnerEnvironment?: string;
  /** Names of the events, one of which must have started the run. */
  readonly triggers?: readonly string[];
}

/** The same, as people write it. */
export interface IdentityRules {
  readonly issuer: string;
  readonly identities?: readonly string[] | undefined;
  /** Takes the place of `identities`, see {@link IdentityPolicy.allowed}. */
  readonly allowed?: IdentityPattern | undefined;
  /** `owner/name`, or the whole URL; `owner/*` for any repository of that owner. */
  readonly sourceRepository?: string | undefined;
  readonly ref?: string | undefined;
  readonly commit?: string | undefined;
  readonly sourceRepositoryId?: string | undefined;
  readonly sourceOwnerId?: string | undefined;
  readonly runnerEnvironment?: string | undefined;
  /** Any event when empty. */
  readonly triggers?: readonly string[] | undefined;
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
  const { allowed } = rules;
  const written = rules.identities?.length ? rules.identities : allowed ? [] : workflowsOf(repository, code);
  return {
    issuer: rules.issuer,
    identities: written.map((text) => compileIdentity(text, code)),
    ...(allowed ? { allowed } : {}),
    ...bound(repository),
    ...(rules.ref ? { ref: compileRef(rules.ref, code) } : {}),
    ...(rules.commit ? { commit: fullCommit(rules.commit, code) } : {}),
    ...(rules.sourceRepositoryId ? { sourceRepositoryId: rules.sourceRepositoryId } : {}),
    ...(rules.sourceOwnerId ? { sourceOwnerId: rules.sourceOwnerId } : {}),
    ...(rules.runnerEnvironment ? { runnerEnvironment: rules.runnerEnvironment } : {}),
    ...(rules.triggers?.length ? { triggers: rules.triggers } : {}),
  };
}

/** `owner/*` binds the owner alone. */
function bound(repository: string | undefined): Partial<IdentityPolicy> {
  if (!repository) return {};
  return repository.endsWith('/*') ? { sourceOwner: repository.slice(0, -2) } : { sourceRepository: repository };
}

function fullCommit(text: string, code: ErrorCode): string {
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)) return text;
  throw new PlimsollError(code, `"${text.slice(0, 100)}" is not a full commit`, {
    hint: 'Write all 40 hexadecimal digits, such as ${{ github.sha }}.',
  });
}

function workflowsOf(repository: string | undefined, code: ErrorCode): readonly string[] {
  if (repository) return [`${repository}/.github/workflows/*@**`];
  throw new PlimsollError(code, 'Nothing says who may have signed', {
    hint: 'Give "certificate-identity" or "source-repository", or a policy file with a "verify:" section.',
  });
}

function repositoryUrl(text: string, serverUrl = 'https://github.com', code: ErrorCode): string {
  const url = /^[\w.-]+\/(?:[\w.-]+|\*)$/.test(text)
    ? `${serverUrl.replace(/\/+$/, '')}/${text}`
    : text.replace(/\/+$/, '');
  if (/^https?:\/\/[^/\s*]+\/[\w.-]+\/(?:[\w.-]+|\*)$/.test(url)) return url;
  throw new PlimsollError(code, `"${text.slice(0, 200)}" is not a repository`, {
    hint: 'Write owner/name, or https://host/owner/name; owner/* for any repository of that owner.',
  });
}
