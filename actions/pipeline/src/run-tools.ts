import { toolPorts } from '@plimsoll/core/github/tool-ports';
import { Memory } from '@plimsoll/core/runtime/memory';
import { type RunBuilders, runBuilders } from '@plimsoll/core/stages/build/build-run';
import { type Scanners, toolScanners } from '@plimsoll/core/stages/scan/scanners';
import { createSigning, type Signing } from '@plimsoll/core/stages/sign/ports';
import type { PipelineContext, RunInputs } from './inputs.ts';
import type { Job } from './job.ts';

/** What all images of a run share; each is made when it is first used. */
export interface RunTools {
  readonly builders: RunBuilders;
  readonly scanners: () => Promise<Scanners>;
  readonly signing: Signing;
  /** What scans remember for each other. */
  readonly memory: Memory;
  /** All images of the run. */
  readonly jobs: readonly Job[];
}

export function openRunTools(jobs: readonly Job[], given: RunInputs, context: PipelineContext): RunTools {
  const memory = new Memory();
  return {
    builders: runBuilders(given.shared.builder, context),
    scanners: () => memory.once('scanners', () => toolScanners(toolPorts(context))),
    signing: createSigning(given.signing, context),
    memory,
    jobs,
  };
}
