import type { ActionContext } from '@plimsoll/core/github/action';
import { parseReference, type Reference } from '@plimsoll/core/oci/reference';
import type { IdentityInputs } from '@plimsoll/core/stages/verify/rules';

/** Every input that action.yml declares. */
export const INPUTS = [
  'image',
  'policy',
  'certificate-identity',
  'allowed-identity-regex',
  'certificate-oidc-issuer',
  'source-repository',
  'commit',
  'trusted-root',
  'registry-auth',
  'github-token',
] as const;

export type VerifyContext = ActionContext<(typeof INPUTS)[number]>;

export interface VerifyInputs {
  readonly image: Reference;
  readonly identity: IdentityInputs;
  /** Path. */
  readonly trustedRoot: string | undefined;
}

/** @throws PlimsollError `input-*`, `reference-invalid` */
export function readVerifyInputs({ inputs }: VerifyContext): VerifyInputs {
  return Object.freeze({
    image: parseReference(inputs.required('image')),
    identity: {
      certificateIdentity: inputs.text('certificate-identity'),
      allowedIdentityRegex: inputs.text('allowed-identity-regex'),
      certificateOidcIssuer: inputs.text('certificate-oidc-issuer'),
      sourceRepository: inputs.text('source-repository'),
      commit: inputs.text('commit'),
    },
    trustedRoot: inputs.text('trusted-root'),
  });
}
