import type { StageTime } from '@plimsoll/core/report/build-summary';
import { smokeSection, smokeText } from '@plimsoll/core/report/smoke-table';
import { stageLine } from '@plimsoll/core/report/stage-line';
import type { BuiltImage } from '@plimsoll/core/stages/build';
import { requireSmoke } from '@plimsoll/core/stages/smoke/judgement';
import { smokeRun } from '@plimsoll/core/stages/smoke/smoke-run';
import type { BuildContext } from './inputs.ts';
import type { Job } from './job.ts';

/** Before anything leaves the job. What came of it is told also when it is why nothing does. */
export async function smoke({ given }: Job, built: BuiltImage, context: BuildContext): Promise<readonly StageTime[]> {
  if (given.build.smokeTests.length === 0) return [];
  const { clock, log, outputs, summary } = context;
  const started = clock.now().getTime();
  const results = await smokeRun(given.build, built, context);
  outputs.set('smoke', JSON.stringify(results));
  summary.append(smokeSection(results));
  requireSmoke(results);
  const milliseconds = clock.now().getTime() - started;
  log.info(stageLine('smoke', smokeText(results), milliseconds));
  return [['smoke', milliseconds]];
}
