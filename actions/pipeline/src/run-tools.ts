import { Memory } from '@plimsoll/core/runtime/memory';
import { type RunBuilders, runBuilders } from '@plimsoll/core/stages/build/build-run';
import { type ScanTools, scanTools } from '@plimsoll/core/stages/scan/built-scan';
import { createSigning, type Signing } from '@plimsoll/core/stages/sign/ports';
import type { PipelineContext, RunInputs } from './inputs.ts';
import type { Job } from './job.ts';

/** What all images of a run share; each is made when it is first used. */
export interface RunTools {
  readonly builders: RunBuilders;
  readonly scanning: ScanTools;
  readonly signing: Signing;
  /** What is made once for all images of the run. */
  readonly memory: Memory;
  /** All images of the run. */
  readonly jobs: readonly Job[];
}

export function openRunTools(jobs: readonly Job[], given: RunInputs, context: PipelineContext): RunTools {
  const memory = new Memory();
  return {
    builders: runBuilders(given.shared.builder, context),
    scanning: scanTools(context, memory),
    signing: createSigning(given.signing, context),
    memory,
    jobs,
  };
}
