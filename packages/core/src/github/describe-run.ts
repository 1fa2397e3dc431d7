import { buildMatrix } from '../metadata/build-matrix.ts';
import { type ImageDescription, imageOutputs } from '../metadata/image-plan.ts';
import type { TagRules } from '../policy/tags.ts';
import { commitTime } from '../tools/git.ts';
import type { ActionContext } from './action.ts';
import type { BuildInputs } from './build-inputs.ts';
import { describeImage } from './image-description.ts';

/**
 * Describes the image of this run and sets the outputs that say so, before anything else is done.
 * @throws PlimsollError `input-invalid`, `input-conflict`, `event-invalid`
 */
export async function describeRun(
  { image, metadata, platforms, runners }: BuildInputs,
  rules: TagRules,
  { github, clock, env, signal, log, outputs }: Omit<ActionContext, 'inputs'>,
): Promise<ImageDescription> {
  const description = await describeImage(metadata, {
    github,
    rules,
    now: clock.now(),
    commitTime: (sha) => commitTime(github.workspace, sha, { env: { ...env }, signal }),
  });
  for (const warning of description.tags.warnings) log.warning(`No tag from ${warning}`);
  for (const [name, value] of Object.entries(imageOutputs(image, description, buildMatrix(platforms, runners))))
    outputs.set(name, value);
  return description;
}
