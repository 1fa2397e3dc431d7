import { runAction } from '@plimsoll/core/github/action';
import { describeRun } from '@plimsoll/core/github/describe-run';
import { repositoryLabel } from '@plimsoll/core/oci/reference';
import { type RefStanding, refStanding } from '@plimsoll/core/github/ref-standing';
import { removeRunBuilders } from '@plimsoll/core/stages/build/build-run';
import { planImages } from '@plimsoll/core/stages/build/planned-images';
import { shouldBuild } from '@plimsoll/core/stages/build/should-build';
import { pipeline } from '@plimsoll/core/stages/pipeline';
import {
  INPUTS,
  type PipelineContext,
  type PipelineInputs,
  readPipelineInputs,
  refuseMissingEvidence,
} from './inputs.ts';
import { StageRecord } from './record.ts';
import { announcePlan, reportRun } from './report.ts';
import { requestOf } from './request.ts';
import { sizesNow } from './sizes.ts';
import { type Job, stagePorts } from './stages.ts';

async function run(context: PipelineContext): Promise<void> {
  if (await planImages(context)) return;
  const job = await prepare(context);
  if (!(await shouldBuild(job.given.build, context))) return;
  if (job.given.dryRun) return announcePlan(job, context);
  // What was not pushed cannot be merged: the notice about the event has said why.
  if (job.given.build.mode === 'merge' && !job.given.push) return context.outputs.set('pushed', false);
  const record = new StageRecord(context.clock, context.log);
  const before = await sizesNow(job, context);
  const done = pipeline(requestOf(job), record.watch(stagePorts(job, context)));
  await done.then(
    (result) => reportRun({ job, record, result, before }, context),
    () => reportRun({ job, record, before }, context),
  );
  await done;
}

async function prepare(context: PipelineContext): Promise<Job> {
  const given = readPipelineInputs(context);
  const policy = await context.policy();
  refuseMissingEvidence(given, policy.policy.verify.required);
  const standing = await standingOf(given, context);
  const image = await describeRun({ build: given.build, rules: policy.policy.tags, standing }, context);
  const repository = context.registries().repository(given.build.image, given.push ? 'push' : 'pull');
  context.log.info(`${repositoryLabel(given.build.image)} ${image.tags.version}, policy from ${policy.label}`);
  return { given, image, policy, repository, standing };
}

/** Nothing is asked where nothing leaves the job. */
async function standingOf(given: PipelineInputs, { api, github }: PipelineContext): Promise<RefStanding> {
  if (!given.push) return 'production';
  return refStanding(given.unprotectedRefs, { github, api: api(given.orgCheckToken) });
}

await runAction({ action: 'pipeline', inputs: INPUTS, run, post: removeRunBuilders });
