import type { ActionContext } from '../../github/action.ts';
import type { BuildInputs } from '../../github/build-inputs.ts';
import { isFailure, type PlimsollError } from '../../runtime/errors.ts';
import { gitReader } from './build-run.ts';
import { findSource } from './source.ts';

/**
 * Whether there is something to build. Without a Dockerfile there is not, and that is no mistake with `if-missing: skip`:
 * it is said here, in outputs, a notice and the summary. A merge needs no Dockerfile.
 *
 * @throws PlimsollError `git-unreadable`: what cannot be looked at is not missing
 */
export async function shouldBuild(given: BuildInputs, context: ActionContext<never>): Promise<boolean> {
  const missing =
    given.ifMissing === 'skip' && given.mode !== 'merge' && given.artifact === undefined
      ? await missingSource(given, context)
      : undefined;
  context.outputs.set('should-build', missing === undefined);
  if (missing === undefined) return true;
  context.outputs.set('pushed', false);
  context.log.notice(`Nothing to build: ${missing.message}`);
  context.summary.append(`## Nothing to build\n\n${missing.message}.`);
  return false;
}

async function missingSource(given: BuildInputs, context: ActionContext<never>): Promise<PlimsollError | undefined> {
  try {
    await findSource(given, gitReader(given, context));
    return undefined;
  } catch (error) {
    if (isFailure(error, 'dockerfile-missing')) return error;
    throw error;
  }
}
