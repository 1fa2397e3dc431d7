import { PlimsollError } from '../runtime/errors.ts';
import type { Signer } from './signer.ts';

/** Who a certificate for this token will name. */
export interface ExpectedSigner {
  readonly issuer: string;
  /** Absent when the token is not one of a GitHub workflow. */
  readonly identity?: string;
  readonly sourceDigest?: string;
  readonly runnerEnvironment?: string;
}

/**
 * Reads the claims that Fulcio turns into a certificate: `job_workflow_ref`, which is the called
 * workflow when there is one, becomes the identity (Fulcio, docs/oidc.md, "GitHub").
 *
 * @param serverUrl where the workflow files are, such as `https://github.com`
 * @throws PlimsollError `oidc-failed` when it is not a token
 */
export function expectedSigner(identityToken: string, serverUrl: string): ExpectedSigner {
  const { iss, job_workflow_ref: workflow, sha, runner_environment: runnerEnvironment } = claimsOf(identityToken);
  if (typeof iss !== 'string') throw unusable();
  return {
    issuer: iss,
    ...(typeof workflow === 'string' ? { identity: `${serverUrl.replace(/\/+$/, '')}/${workflow}` } : {}),
    ...(typeof sha === 'string' ? { sourceDigest: sha } : {}),
    ...(typeof runnerEnvironment === 'string' ? { runnerEnvironment } : {}),
  };
}

/** What GitHub says of the repository in the token: `public`, `private` or `internal`. @throws PlimsollError `oidc-failed` */
export function tokenVisibility(identityToken: string): string | undefined {
  const { repository_visibility: visibility } = claimsOf(identityToken);
  return typeof visibility === 'string' && visibility !== '' ? visibility : undefined;
}

/**
 * The certificate that Fulcio will issue for this token, before it does (Fulcio, docs/oidc.md, "GitHub").
 * @param serverUrl as for {@link expectedSigner}
 * @throws PlimsollError `oidc-failed` when it is not the token of a GitHub workflow
 */
export function signerOfToken(identityToken: string, serverUrl: string): Signer {
  const claims = claimsOf(identityToken);
  const claim = (name: string) => (typeof claims[name] === 'string' ? claims[name] : undefined);
  const url = (path: string | undefined) => path && `${serverUrl.replace(/\/+$/, '')}/${path}`;
  const [issuer, identity] = [claim('iss'), url(claim('job_workflow_ref'))];
  if (issuer === undefined || !identity) throw unusable();
  const stated = {
    sourceRepository: url(claim('repository')),
    sourceDigest: claim('sha'),
    sourceRef: claim('ref'),
    sourceRepositoryId: claim('repository_id'),
    sourceOwnerId: claim('repository_owner_id'),
    buildConfig: url(claim('workflow_ref')),
    runnerEnvironment: claim('runner_environment'),
    trigger: claim('event_name'),
  };
  return { issuer, identity, ...Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined)) };
}

/** True when the certificate names the one who is about to sign: the same workflow, at the same commit. */
export function isSameSigner(expected: ExpectedSigner, signer: Signer): boolean {
  return (
    expected.identity !== undefined &&
    signer.issuer === expected.issuer &&
    signer.identity === expected.identity &&
    signer.sourceDigest === expected.sourceDigest
  );
}

function claimsOf(token: string): Record<string, unknown> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? { ...claims } : {};
  } catch {
    // The reason would quote the token.
    throw unusable();
  }
}

function unusable(): PlimsollError {
  return new PlimsollError('oidc-failed', 'The OpenID Connect token cannot be read', {
    hint: 'Run again; when it stays, look at www.githubstatus.com.',
  });
}
