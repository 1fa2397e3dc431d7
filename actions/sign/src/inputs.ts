import type { ActionContext } from '@plimsoll/core/github/action';
import { type Digest, parseDigest } from '@plimsoll/core/oci/digest';
import { parseRepositoryName, type RepositoryName } from '@plimsoll/core/oci/reference';
import { PlimsollError } from '@plimsoll/core/runtime/errors';
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
  'statements',
  'move-tags',
  'policy',
  'certificate-oidc-issuer',
  'allowed-identity-regex',
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
  readonly statements: readonly Digest[];
  /** Verify what was signed, and write the tags that the build left pending; with `auto`, when it left any. */
  readonly moveTags: MoveTags;
  readonly allowedIdentityRegex: string | undefined;
  readonly issuer: string | undefined;
  readonly dryRun: boolean;
}

const MOVE_TAGS = ['false', 'true', 'auto'] as const;
export type MoveTags = (typeof MOVE_TAGS)[number];

/** @throws PlimsollError `input-*`, `reference-invalid`, `digest-invalid`, `file-unreadable` */
export function readSignInputs(context: SignContext): SignInputs {
  const { inputs } = context;
  const moveTags = inputs.choice('move-tags', MOVE_TAGS, 'false');
  const allowedIdentityRegex = inputs.text('allowed-identity-regex');
  if (allowedIdentityRegex !== undefined && moveTags === 'false') {
    throw new PlimsollError('input-conflict', '"allowed-identity-regex" says who may sign, and nothing is verified', {
      hint: 'Write "move-tags: auto", which verifies what was signed; or remove "allowed-identity-regex:".',
    });
  }
  return Object.freeze({
    image: parseRepositoryName(inputs.required('image')),
    digest: parseDigest(inputs.required('digest')),
    verdict: verdictSource(inputs.text('verdict')),
    policyDigest: optionalDigest(inputs.text('policy-digest')),
    exceptions: exceptionInputs(inputs.boolean('verify-vuln', true), inputs.text('exception-reason')),
    scope: inputs.choice('scope', SCOPES, DEFAULT_SCOPE),
    signing: readSigningInputs(inputs, context),
    keptBundles: inputs.text('bundles'),
    statements: inputs.lines('statements').map(parseDigest),
    moveTags,
    allowedIdentityRegex,
    issuer: inputs.text('certificate-oidc-issuer'),
    dryRun: inputs.boolean('dry-run'),
  });
}

function optionalDigest(text: string | undefined): Digest | undefined {
  return text === undefined ? undefined : parseDigest(text);
}
