import { commentOnPullRequest } from '@plimsoll/core/github/sticky-comment';
import { scanSummary } from '@plimsoll/core/report/scan-summary';
import type { BuiltImage } from '@plimsoll/core/stages/build';
import type { ScanResult } from '@plimsoll/core/stages/scan';
import { scanBuiltImage } from '@plimsoll/core/stages/scan/built-scan';
import { reportInIssue } from '@plimsoll/core/stages/scan/scan-issue';
import { showInCodeScanning } from '@plimsoll/core/stages/scan/sarif-upload';
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
  if (given.uploadSarif) context.summary.append(await showInCodeScanning(result, context));
  const { github, log } = context;
  if (given.openIssue) {
    const { repository, runUrl } = github;
    await reportInIssue(result.report, { repository, api: context.api(), log, runUrl, rescan: false });
  }
  if (given.prComment) {
    const markdown = scanSummary(result.report);
    await commentOnPullRequest(
      { marker: `scan ${result.report.image}`, markdown },
      { github, api: context.api(), log },
    );
  }
  return result;
}
