import type { Claims } from '../identity.ts';
import type { OidcIssuer } from '../oidc.ts';
import type { SigstoreFiles } from './start.ts';

/** A local keyless Sigstore as a client sees it. */
export interface Sigstore extends SigstoreFiles {
  /** The identity provider it trusts: what `--certificate-oidc-issuer` must say. */
  readonly issuer: string;
  /** `ACTIONS_ID_TOKEN_REQUEST_URL` and `ACTIONS_ID_TOKEN_REQUEST_TOKEN` of the default identity. */
  readonly tokenRequestUrl: string;
  readonly requestToken: string;
  /** The same two variables for a job whose token says something else, such as another repository. */
  claims(overrides: Claims): Record<'ACTIONS_ID_TOKEN_REQUEST_URL' | 'ACTIONS_ID_TOKEN_REQUEST_TOKEN', string>;
}

export function sigstoreOf(files: SigstoreFiles, oidc: OidcIssuer): Sigstore {
  return {
    ...files,
    issuer: oidc.issuer,
    tokenRequestUrl: oidc.requestUrl(),
    requestToken: oidc.requestToken,
    claims: (overrides) => oidc.variables(overrides),
  };
}
