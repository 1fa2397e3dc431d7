import type { ActionContext } from '@plimsoll/core/github/action';
import { BUILD_INPUTS, type BuildInputs, readBuildInputs } from '@plimsoll/core/github/build-inputs';
import { RELEASE_INPUTS } from '@plimsoll/core/github/release-version';
import { readPush } from '@plimsoll/core/github/push-input';

/** Every input that action.yml declares. */
export const INPUTS = [
  ...BUILD_INPUTS,
  ...RELEASE_INPUTS,
  'policy',
  'push',
  'tag-now',
  'trusted-root',
  'certificate-oidc-issuer',
  'registry-auth',
  'github-token',
  'dry-run',
] as const;

export type BuildContext = ActionContext<(typeof INPUTS)[number]>;

export interface BuildActionInputs {
  readonly build: BuildInputs;
  readonly push: boolean;
  /** Write the tags with the upload, without waiting for a signature. */
  readonly tagNow: boolean;
  /** Path. */
  readonly trustedRoot: string | undefined;
  readonly issuer: string | undefined;
  readonly dryRun: boolean;
}

/** @throws PlimsollError `input-*`, `reference-invalid` */
export function readBuildActionInputs(context: BuildContext): BuildActionInputs {
  const { inputs } = context;
  const build = readBuildInputs(inputs, context);
  const fallback = build.mode === 'single' ? 'false' : 'auto';
  const push = readPush(context, { fallback, leftOut: 'the upload to the registry' });
  return Object.freeze({
    build,
    push,
    tagNow: inputs.boolean('tag-now'),
    trustedRoot: inputs.text('trusted-root'),
    issuer: inputs.text('certificate-oidc-issuer'),
    dryRun: inputs.boolean('dry-run'),
  });
}
