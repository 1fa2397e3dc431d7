import type { StageTime } from '@plimsoll/core/report/build-summary';
import type { BuildResult, BuiltImage } from '@plimsoll/core/stages/build';

/** An image of this run, built here or merged. */
export interface Made {
  readonly built: BuiltImage | BuildResult;
  readonly took: readonly StageTime[];
}
