import path from 'node:path';
import { runAction } from '@plimsoll/core/github/action';
import { stageLine } from '@plimsoll/core/report/stage-line';
import { keepFootprintSmall } from '@plimsoll/core/runtime/small-footprint';
import { buildRun, removeRunBuilders } from '@plimsoll/core/stages/build/build-run';
import { plannedSource } from '@plimsoll/core/stages/build/dockerfile';
import { planImages } from '@plimsoll/core/stages/build/planned-images';
import { shouldBuild } from '@plimsoll/core/stages/build/should-build';
import { lookAround } from '@plimsoll/core/stages/build/surroundings';
import { smokePlan } from '@plimsoll/core/stages/smoke/smoke-run';
import { type BuildContext, INPUTS } from './inputs.ts';
import { type Job, prepare } from './job.ts';
import { judge } from './judge.ts';
import type { Made } from './made.ts';
import { merge } from './merge.ts';
import { publishedBefore, refuseForeseeable, upload } from './publication.ts';
import { report, reportPlan } from './report.ts';
import { resume } from './resume.ts';

async function run(context: BuildContext): Promise<void> {
  if (await planImages(context)) return;
  const job = await prepare(context);
  if (!(await shouldBuild(job.given.build, context))) return;
  if (job.given.dryRun) return plan(job, context);
  const earlier = await publishedBefore(job, context);
  if (earlier !== undefined) return resume(job, earlier.digest, context);
  // What was not pushed cannot be merged: the notice about the event has said why.
  if (job.given.build.mode === 'merge' && !job.given.push) return context.outputs.set('pushed', false);
  const { repository, tags } = job;
  const { push, build } = job.given;
  const surroundings = lookAround({ push, mode: build.mode, repository, tags, sha: build.metadata.sha }, context);
  await refuseForeseeable(job, context);
  const { built, took: making } = build.mode === 'merge' ? await merge(job, context) : await make(job, context);
  const judging = await judge(job, built, context);
  const around = await surroundings;
  const uploading = push ? await upload(job, built, { around, context }) : [];
  await report({ job, built, around, took: [...making, ...judging, ...uploading] }, context);
}

/** Everything that can be said without a builder. */
async function plan(job: Job, context: BuildContext): Promise<void> {
  const what = await plannedSource(job.given.build, context.log);
  reportPlan(job, job.given.build.artifact ? undefined : path.relative(context.github.workspace, what), context);
  if (job.given.scan !== undefined) {
    context.log.info(`Would scan every platform and ${job.given.scan.source} by ${job.policy.label}`);
  }
  for (const line of smokePlan(job.given.build)) context.log.info(line);
  context.log.info(`Would build ${what} as ${job.tags.map(({ name }) => name).join(', ')}`);
}

async function make({ given, image, policy }: Job, context: BuildContext): Promise<Made> {
  const built = await buildRun(given.build, { image, limits: policy.policy.limits }, context);
  const parts = built.artifact ? `${built.artifact.files.length} × file` : `${built.platforms.length} × platform`;
  context.log.info(stageLine('build', `${parts}, ${built.digest}`, built.milliseconds));
  return { built, took: [['build', built.milliseconds]] };
}

keepFootprintSmall();
await runAction({ action: 'build', inputs: INPUTS, run, post: removeRunBuilders });
