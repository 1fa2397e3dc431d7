import type { ActionContext } from '@plimsoll/core/github/action';
import { BUILD_INPUTS, type BuildInputs, readBuildInputs } from '@plimsoll/core/github/build-inputs';
import { PlimsollError } from '@plimsoll/core/runtime/errors';

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
  const { inputs, github } = context;
  const build = readBuildInputs(inputs, context);
  const push = inputs.boolean('push');
  if (push && github.isForkPullRequest) {
    throw new PlimsollError('input-conflict', 'A pull request from a fork has no right to push', {
      hint: 'Write "push: ${{ github.event_name != \'pull_request\' }}": the image is built and scanned all the same.',
    });
  }
  return Object.freeze({ build, push, dryRun: inputs.boolean('dry-run') });
}
