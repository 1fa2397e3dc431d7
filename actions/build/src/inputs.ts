import type { ActionContext } from '@plimsoll/core/github/action';
import { BUILD_INPUTS, type BuildInputs, readBuildInputs } from '@plimsoll/core/github/build-inputs';
import { readPush } from '@plimsoll/core/github/push-input';

/** Every input that action.yml declares. */
export const INPUTS = [...BUILD_INPUTS, 'policy', 'push', 'registry-auth', 'github-token', 'dry-run'] as const;

export type BuildContext = ActionContext<(typeof INPUTS)[number]>;

export interface BuildActionInputs {
  readonly build: BuildInputs;
  readonly push: boolean;
  readonly dryRun: boolean;
}

/** @throws PlimsollError `input-*`, `reference-invalid` */
export function readBuildActionInputs(context: BuildContext): BuildActionInputs {
  const { inputs } = context;
  const build = readBuildInputs(inputs, context);
  const push = readPush(context, { fallback: 'false', leftOut: 'the upload to the registry' });
  return Object.freeze({ build, push, dryRun: inputs.boolean('dry-run') });
}
