import type { StageTime } from '@plimsoll/core/report/build-summary';
import { settled } from '@plimsoll/core/runtime/settled';
import type { BuiltImage } from '@plimsoll/core/stages/build';
import type { BuildContext } from './inputs.ts';
import type { Job } from './job.ts';
import { scan } from './scan.ts';
import { smoke } from './smoke.ts';

/** Before anything leaves the job. Both are told, also when one of them stops the run. */
export async function judge(job: Job, built: BuiltImage, context: BuildContext): Promise<readonly StageTime[]> {
  return (await settled([scan(job, built, context), smoke(job, built, context)])).flat();
}
