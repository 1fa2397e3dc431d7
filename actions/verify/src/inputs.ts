import path from 'node:path';
import type { ActionContext } from '@plimsoll/core/github/action';
import { parseReference, type Reference } from '@plimsoll/core/oci/reference';
import { parseDuration } from '@plimsoll/core/policy/duration';
import { PlimsollError } from '@plimsoll/core/runtime/errors';
import { formatOf, type SbomRequest } from '@plimsoll/core/stages/verify/sbom-document';
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
  'key',
  'trusted-root',
  'trusted-root-max-age',
  'sbom',
  'platform',
  'layout',
  'registry-auth',
  'github-token',
] as const;

export type VerifyContext = ActionContext<(typeof INPUTS)[number]>;

export interface VerifyInputs {
  readonly image: Reference;
  readonly identity: IdentityInputs;
  /** Paths. */
  readonly key: string | undefined;
  readonly trustedRoot: string | undefined;
  /** Milliseconds. */
  readonly trustedRootMaxAge: number | undefined;
  /** Absolute. */
  readonly layout: string | undefined;
  readonly sbom: (SbomRequest & { readonly file: string }) | undefined;
}

/** @throws PlimsollError `input-*`, `reference-invalid` */
export function readVerifyInputs({ inputs, github }: VerifyContext): VerifyInputs {
  return Object.freeze({
    image: parseReference(inputs.required('image')),
    identity: {
      certificateIdentity: inputs.text('certificate-identity'),
      allowedIdentityRegex: inputs.text('allowed-identity-regex'),
      certificateOidcIssuer: inputs.text('certificate-oidc-issuer'),
      sourceRepository: inputs.text('source-repository'),
      commit: inputs.text('commit'),
    },
    key: inputs.text('key'),
    trustedRoot: inputs.text('trusted-root'),
    trustedRootMaxAge: readAge(inputs.text('trusted-root-max-age')),
    layout: absolute(inputs.text('layout'), github.workspace),
    sbom: readSbom(inputs.text('sbom'), inputs.text('platform'), github.workspace),
  });
}

function absolute(given: string | undefined, workspace: string): string | undefined {
  return given === undefined ? undefined : path.resolve(workspace, given);
}

function readAge(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const age = parseDuration(text);
  if (age !== undefined) return age;
  throw new PlimsollError('input-invalid', `"trusted-root-max-age" is "${text.slice(0, 50)}"`, {
    hint: 'Write a whole number and s, m, h, d or w, such as 30d.',
  });
}

function readSbom(file: string | undefined, platform: string | undefined, workspace: string): VerifyInputs['sbom'] {
  if (file !== undefined) return { file: path.resolve(workspace, file), format: formatOf(file), platform };
  if (platform === undefined) return undefined;
  throw new PlimsollError('input-conflict', '"platform" says whose SBOM is written, and there is no "sbom"', {
    hint: 'Give "sbom: out.spdx.json" as well; every platform is verified in any case.',
  });
}
