import type { ActionContext } from '@plimsoll/core/github/action';
import { type Digest, parseDigest } from '@plimsoll/core/oci/digest';
import { parseRepositoryName, type RepositoryName } from '@plimsoll/core/oci/reference';
import { type VerdictSource, verdictSource } from '@plimsoll/core/stages/sign';
import { type ExceptionInputs, exceptionInputs } from '@plimsoll/core/stages/sign/allowance';
import { readSigningInputs, SIGNING_INPUTS, type SigningInputs } from '@plimsoll/core/stages/sign/inputs';
import { DEFAULT_SCOPE, type Scope, SCOPES } from '@plimsoll/core/stages/sign/scope';

/** Every input that action.yml declares. */
export const INPUTS = [
  'image',
  'digest',
  'verdict',
  'policy-digest',
  'verify-vuln',
  'exception-reason',
  'scope',
  ...SIGNING_INPUTS,
  'bundles',
  'move-tags',
  'policy',
  'certificate-oidc-issuer',
  'registry-auth',
  'github-token',
  'dry-run',
] as const;

export type SignContext = ActionContext<(typeof INPUTS)[number]>;

export interface SignInputs {
  readonly image: RepositoryName;
  readonly digest: Digest;
  readonly verdict: VerdictSource;
  readonly policyDigest: Digest | undefined;
  readonly exceptions: ExceptionInputs;
  readonly scope: Scope;
  readonly signing: SigningInputs;
  /** Path. */
  readonly keptBundles: string | undefined;
  /** Verify what was signed, and write the tags that the build left pending. */
  readonly moveTags: boolean;
  readonly issuer: string | undefined;
  readonly dryRun: boolean;
}

/** @throws PlimsollError `input-*`, `reference-invalid`, `digest-invalid`, `file-unreadable` */
export function readSignInputs({ inputs }: SignContext): SignInputs {
  return Object.freeze({
    image: parseRepositoryName(inputs.required('image')),
    digest: parseDigest(inputs.required('digest')),
    verdict: verdictSource(inputs.text('verdict')),
    policyDigest: optionalDigest(inputs.text('policy-digest')),
    exceptions: exceptionInputs(inputs.boolean('verify-vuln', true), inputs.text('exception-reason')),
    scope: inputs.choice('scope', SCOPES, DEFAULT_SCOPE),
    signing: readSigningInputs(inputs),
    keptBundles: inputs.text('bundles'),
    moveTags: inputs.boolean('move-tags'),
    issuer: inputs.text('certificate-oidc-issuer'),
    dryRun: inputs.boolean('dry-run'),
  });
}

function optionalDigest(text: string | undefined): Digest | undefined {
  return text === undefined ? undefined : parseDigest(text);
}
