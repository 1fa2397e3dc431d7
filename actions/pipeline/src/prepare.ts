import { describeRun } from '@plimsoll/core/github/describe-run';
import { type RefStanding, refStanding } from '@plimsoll/core/github/ref-standing';
import { repositoryLabel } from '@plimsoll/core/oci/reference';
import { checkCompose } from '@plimsoll/core/stages/compose/compose-check';
import { type PipelineContext, type PipelineInputs, readPipelineInputs, refuseMissingEvidence } from './inputs.ts';
import type { Job } from './job.ts';

/** Reads everything that can be wrong before it costs a build: inputs, policy, tags. */
export async function prepare(context: PipelineContext): Promise<Job> {
  const given = readPipelineInputs(context);
  const policy = await context.policy();
  refuseMissingEvidence(given, policy.policy.verify.required);
  const standing = await standingOf(given, context);
  const image = await describeRun({ build: given.build, rules: policy.policy.tags, standing }, context);
  await checkCompose(given.build, image, context);
  const repository = context.registries().repository(given.build.image, given.push ? 'push' : 'pull');
  context.log.info(`${repositoryLabel(given.build.image)} ${image.tags.version}, policy from ${policy.label}`);
  return { given, image, policy, repository, standing };
}

/** Nothing is asked where nothing leaves the job. */
async function standingOf(given: PipelineInputs, { api, github }: PipelineContext): Promise<RefStanding> {
  if (!given.push) return 'production';
  return refStanding(given.unprotectedRefs, { github, api: api(given.orgCheckToken) });
}
