import type { ActionContext } from '@plimsoll/core/github/action';
import type { CredentialEntry } from '@plimsoll/core/oci/auth/credentials';
import type { Reference } from '@plimsoll/core/oci/reference';
import { PlimsollError } from '@plimsoll/core/runtime/errors';
import type { Leniency } from '@plimsoll/core/stages/promote/judge';
import type { OpennessWishes } from '@plimsoll/core/stages/promote/openness';
import type { IdentityInputs } from '@plimsoll/core/stages/verify/rules';
import { type Goal, readGoal } from './goal.ts';
import { readLogin } from './logins.ts';
import { type MapInputs, readMapInputs } from './map.ts';
import { type Place, readPlaces, readSources } from './places.ts';

/** Every input that action.yml declares. */
export const INPUTS = [
  'source',
  'destination',
  'destinations',
  'tags',
  'channel',
  'version',
  'to',
  'expect-version',
  'reason',
  'emergency',
  'create-semver-tags',
  'include-sha-tags',
  'fail-if-dest-exists',
  'verify-signature',
  'verify-source-signature',
  'policy',
  'channel-map',
  'channel-map-type',
  'channel-map-layer-type',
  'visibility',
  'quay-token',
  'pull-check',
  'vsa',
  'signing-config',
  'certificate-identity',
  'allowed-identity-regex',
  'certificate-oidc-issuer',
  'source-repository',
  'trusted-root',
  'source-username',
  'source-password',
  'dest-username',
  'dest-password',
  'registry-auth',
  'github-token',
  'dry-run',
] as const;

export type PromoteContext = ActionContext<(typeof INPUTS)[number]>;

export interface PromoteInputs {
  /** The images, those of a family together. */
  readonly sources: readonly Reference[];
  readonly places: readonly Place[];
  readonly goal: Goal;
  /** Places such as `package.json#version`. */
  readonly expectVersion: readonly string[];
  readonly reason: string | undefined;
  readonly leniency: Leniency;
  readonly identity: IdentityInputs;
  readonly channelMap: MapInputs | undefined;
  readonly openness: OpennessWishes;
  readonly quayToken: string | undefined;
  /** Whether to sign what was verified. */
  readonly vsa: boolean;
  /** Path. */
  readonly signingConfig: string | undefined;
  /** Path. */
  readonly trustedRoot: string | undefined;
  readonly sourceLogin: readonly CredentialEntry[];
  readonly destinationLogin: readonly CredentialEntry[];
  readonly dryRun: boolean;
}

/** @throws PlimsollError `input-*`, `reference-invalid`, `digest-invalid`, `digest-required` */
export function readPromoteInputs(context: PromoteContext): PromoteInputs {
  const { inputs } = context;
  const sources = readSources(context);
  const places = readPlaces(context, sources);
  return Object.freeze({
    sources,
    places,
    goal: readGoal(context, sources),
    expectVersion: inputs.list('expect-version'),
    reason: inputs.text('reason'),
    leniency: readLeniency(context),
    identity: {
      certificateIdentity: inputs.text('certificate-identity'),
      allowedIdentityRegex: inputs.text('allowed-identity-regex'),
      certificateOidcIssuer: inputs.text('certificate-oidc-issuer'),
      sourceRepository: inputs.text('source-repository'),
    },
    channelMap: readMapInputs(context),
    openness: {
      visibility:
        inputs.text('visibility') === undefined ? undefined : inputs.choice('visibility', ['public', 'private']),
      pullCheck: inputs.boolean('pull-check'),
    },
    quayToken: inputs.secret('quay-token'),
    vsa: readVsa(context),
    signingConfig: inputs.text('signing-config'),
    trustedRoot: inputs.text('trusted-root'),
    sourceLogin: readLogin(context, 'source', sources),
    destinationLogin: readLogin(
      context,
      'dest',
      places.flatMap(({ repositories }) => repositories),
    ),
    dryRun: inputs.boolean('dry-run'),
  });
}

/** What was not verified cannot be vouched for. */
function readVsa(context: PromoteContext): boolean {
  const { unverified, emergency } = readLeniency(context);
  const vsa = context.inputs.boolean('vsa');
  if (!vsa || (unverified.length === 0 && !emergency)) return vsa;
  throw new PlimsollError('input-conflict', '"vsa" says that an image was verified, and verification is left out', {
    hint: 'Remove "vsa:", or verify at both ends.',
  });
}

function readLeniency({ inputs }: PromoteContext): Leniency {
  const emergency = inputs.boolean('emergency');
  if (!inputs.boolean('verify-signature', true)) return { unverified: ['source', 'destination'], emergency };
  return { unverified: inputs.boolean('verify-source-signature', true) ? [] : ['source'], emergency };
}
