import type { BuiltImage } from '@plimsoll/core/stages/build';
import type { ScanResult } from '@plimsoll/core/stages/scan';
import { scanBuiltImage } from '@plimsoll/core/stages/scan/built-scan';
import { showScan } from '@plimsoll/core/stages/scan/show';
import type { PipelineContext } from './inputs.ts';
import type { Job } from './job.ts';
import type { RunTools } from './run-tools.ts';

interface Scanned {
  readonly job: Job;
  readonly tools: RunTools;
  readonly built: BuiltImage;
}

/** Scans what was built and, when asked to, shows what was found where people look, whatever the outcome. */
export async function scanBuilt({ job, tools, built }: Scanned, context: PipelineContext): Promise<ScanResult> {
  const { given, policy } = job;
  const { trustedRoot } = given.signing;
  const result = await scanBuiltImage(
    built,
    { build: given.build, scan: given, policy, trustedRoot },
    { tools: tools.scanning, context },
  );
  await showScan(result, { ...given, rescan: false }, context);
  return result;
}
