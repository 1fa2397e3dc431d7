import { PlimsollError } from '../runtime/errors.ts';
import { OPTION_INPUTS } from './build-options.ts';
import type { Inputs } from './inputs.ts';
import { firstSaid } from './said-inputs.ts';

/** In a merge these decide what is verified, and where findings are shown in the source. */
const HEEDED: readonly string[] = ['target', 'provenance', 'sbom'];
const BUILD_ONLY = (['build-args', 'cache', ...OPTION_INPUTS] as const).filter((name) => !HEEDED.includes(name));

/**
 * A merge puts together what other jobs built, and builds nothing.
 * @throws PlimsollError `input-conflict` for an input that is about how to build
 */
export function refuseBuildOnly(inputs: Inputs<(typeof BUILD_ONLY)[number]>): void {
  const given = firstSaid(inputs, BUILD_ONLY);
  if (given === undefined) return;
  throw new PlimsollError('input-conflict', `"${given}" is for the jobs that build, and the mode is "merge"`, {
    hint: `Write "${given}" in the jobs with "mode: shard", and leave it out here.`,
  });
}
