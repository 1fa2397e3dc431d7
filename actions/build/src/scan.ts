import type { StageTime } from '@plimsoll/core/report/build-summary';
import { scanSummary } from '@plimsoll/core/report/scan-summary';
import { stageLine } from '@plimsoll/core/report/stage-line';
import type { BuiltImage } from '@plimsoll/core/stages/build';
import { scanBuiltImage, scanTools } from '@plimsoll/core/stages/scan/built-scan';
import { requirePassOf, scanOutcomeText } from '@plimsoll/core/stages/scan/exit';
import type { BuildContext } from './inputs.ts';
import type { Job } from './job.ts';

/** Before anything leaves the job. What was found is told also when it is why nothing does. */
export async function scan(
  { given, policy }: Job,
  built: BuiltImage,
  context: BuildContext,
): Promise<readonly StageTime[]> {
  if (given.scan === undefined) return [];
  const { clock, log, outputs, summary } = context;
  const { build, scan: scanning, trustedRoot } = given;
  const started = clock.now().getTime();
  const tools = scanTools(context);
  const { report, files } = await scanBuiltImage(
    built,
    { build, scan: scanning, policy, trustedRoot },
    { tools, context },
  );
  outputs.set('outcome', report.outcome);
  outputs.set('report', files.report);
  outputs.set('sarif', files.sarifs.join('\n'));
  summary.append(scanSummary(report));
  requirePassOf(built.digest, report);
  const milliseconds = clock.now().getTime() - started;
  log.info(stageLine('scan', scanOutcomeText(report), milliseconds));
  return [['scan', milliseconds]];
}
