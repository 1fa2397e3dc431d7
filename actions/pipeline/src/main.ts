import { runAction } from '@plimsoll/core/github/action';
import { removeRunBuilders } from '@plimsoll/core/stages/build/build-run';
import { planImages } from '@plimsoll/core/stages/build/planned-images';
import { shouldBuild } from '@plimsoll/core/stages/build/should-build';
import { surroundingsOf } from './surroundings.ts';
import { INPUTS, type PipelineContext, refuseTwoAims } from './inputs.ts';
import { prepare } from './prepare.ts';
import { runPath } from './run.ts';
import { announceRun, reportRun } from './run-report.ts';

async function run(context: PipelineContext): Promise<void> {
  refuseTwoAims(context);
  if (await planImages(context)) return;
  const whole = await prepare(context);
  const { given, members } = whole;
  for (const { job, context: own } of members) if (!(await shouldBuild(job.given.build, own))) return;
  if (given.dryRun) return announceRun(whole, context);
  // What was not pushed cannot be merged: the notice about the event has said why.
  if (given.shared.mode === 'merge' && !given.push) return context.outputs.set('pushed', false);
  // Before a tag moves: it is what people pull now.
  const around = await Promise.all(members.map(({ job }) => surroundingsOf(job, context)));
  const done = runPath(whole, context);
  await done.then(
    (results) => reportRun(whole, { results, around }, context),
    () => reportRun(whole, { results: [], around }, context),
  );
  await done;
}

await runAction({ action: 'pipeline', inputs: INPUTS, run, post: removeRunBuilders });
