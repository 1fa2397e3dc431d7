import { runAction } from '@plimsoll/core/github/action';
import { removeRunBuilders } from '@plimsoll/core/stages/build/build-run';
import { planImages } from '@plimsoll/core/stages/build/planned-images';
import { shouldBuild } from '@plimsoll/core/stages/build/should-build';
import { INPUTS, type PipelineContext } from './inputs.ts';
import { prepare } from './prepare.ts';
import { StageRecord } from './record.ts';
import { announcePlan, reportRun } from './report.ts';
import { runPath } from './run.ts';
import { sizesNow } from './sizes.ts';

async function run(context: PipelineContext): Promise<void> {
  if (await planImages(context)) return;
  const job = await prepare(context);
  if (!(await shouldBuild(job.given.build, context))) return;
  if (job.given.dryRun) return announcePlan(job, context);
  // What was not pushed cannot be merged: the notice about the event has said why.
  if (job.given.build.mode === 'merge' && !job.given.push) return context.outputs.set('pushed', false);
  const record = new StageRecord(job.given.build.smokeTests.length > 0, context);
  const before = await sizesNow(job, context);
  const done = runPath([{ name: 'image', job, context, record }], context);
  await done.then(
    ([result]) => reportRun({ job, record, result, before }, context),
    () => reportRun({ job, record, before }, context),
  );
  await done;
}

await runAction({ action: 'pipeline', inputs: INPUTS, run, post: removeRunBuilders });
