import { buildMatrix } from '../metadata/build-matrix.ts';
import { developmentTags } from '../metadata/development-tags.ts';
import { type ImageDescription, imageOutputs } from '../metadata/image-plan.ts';
import type { TagRules } from '../policy/tags.ts';
import { commitTime } from '../tools/git.ts';
import type { ActionContext } from './action.ts';
import type { BuildInputs } from './build-inputs.ts';
import { describeImage } from './image-description.ts';
import type { RefStanding } from './ref-standing.ts';

export interface RunDescription {
  readonly build: BuildInputs;
  readonly rules: TagRules;
  readonly standing: RefStanding;
}

/**
 * Describes the image of this run and sets the outputs that say so, before anything else is done.
 * @throws PlimsollError `input-invalid`, `input-conflict`, `event-invalid`
 */
export async function describeRun(
  { build: { image, metadata, platforms, runners }, rules, standing }: RunDescription,
  { github, clock, env, signal, log, outputs }: Omit<ActionContext, 'inputs'>,
): Promise<ImageDescription> {
  const described = await describeImage(metadata, {
    github,
    rules,
    now: clock.now(),
    commitTime: (sha) => commitTime(github.workspace, sha, { env: { ...env }, signal }),
  });
  const tags = standing === 'development' ? developmentTags(described.tags) : described.tags;
  const description = { ...described, tags };
  // A build of the commit once more, or a pull request.
  if (tags.unpushed.length > 0) log.info(`Not written by this run: ${tags.unpushed.join(', ')}`);
  for (const warning of description.tags.warnings) log.warning(`No tag from ${warning}`);
  for (const [name, value] of Object.entries(imageOutputs(image, description, buildMatrix(platforms, runners))))
    outputs.set(name, value);
  return description;
}
