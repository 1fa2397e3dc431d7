import { mkdir, mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { runAction } from '@plimsoll/core/github/action';
import { toolPorts } from '@plimsoll/core/github/tool-ports';
import { scanPlanMarkdown } from '@plimsoll/core/report/scan-plan';
import { scanSummary } from '@plimsoll/core/report/scan-summary';
import { stageLine } from '@plimsoll/core/report/stage-line';
import { planScan, requirePass, type ScanResult, scanImage } from '@plimsoll/core/stages/scan';
import { assertAttestable, attestScan } from '@plimsoll/core/stages/scan/attest';
import { scanOutcomeText } from '@plimsoll/core/stages/scan/exit';
import { publishSarif } from '@plimsoll/core/stages/scan/publish-sarif';
import { toolScanners } from '@plimsoll/core/stages/scan/scanners';
import { INPUTS, readScanInputs, type ScanContext } from './inputs.ts';
import { attestPorts, registryPorts, ruleFiles, sarifPorts, scanRequest } from './ports.ts';

async function run(context: ScanContext): Promise<void> {
  const { outputs, summary, log, clock } = context;
  const started = clock.now().getTime();
  // Overwritten at the end: whatever goes wrong before it is no pass.
  outputs.set('passed', false);
  outputs.set('outcome', 'error');
  const inputs = readScanInputs(context);
  const { repository, hurried } = registryPorts(context);
  const rules = await ruleFiles(inputs, context);
  const request = { ...scanRequest(inputs, await context.policy(), context), ruleFiles: rules };
  if (inputs.dryRun) {
    const plan = scanPlanMarkdown(await planScan(request, repository), { ...inputs.databases, attest: inputs.attest });
    summary.append(plan);
    return log.info(plan);
  }
  const evidence = attestPorts(inputs, context);
  if (evidence !== undefined) await assertAttestable(evidence);
  const scanners = await toolScanners(toolPorts(context));
  await mkdir(request.outputDir, { recursive: true });
  const outputDir = await mkdtemp(path.join(request.outputDir, 'run-'));
  const { http, signal } = context;
  const result = await scanImage(
    { ...request, outputDir },
    { scanners, repository, hurried, http, log, clock, signal },
  );
  summary.append(scanSummary(result.report));
  setOutputs(context, result);
  if (evidence !== undefined)
    outputs.set('verdict', await attestScan(result.report.digest, result.files.verdict, evidence));
  if (inputs.uploadSarif) summary.append(await publishSarif(result.report, sarifPorts(result, context)));
  requirePass(result.report);
  log.info(stageLine('scan', scanOutcomeText(result.report), clock.now().getTime() - started));
}

function setOutputs({ outputs }: ScanContext, { outcome, counts, files }: ScanResult): void {
  outputs.set('passed', outcome === 'pass');
  outputs.set('outcome', outcome);
  outputs.set('report', files.report);
  outputs.set('sarif', files.sarif);
  outputs.set('verdict', files.verdict);
  for (const [name, count] of Object.entries(counts)) outputs.set(name, count);
}

await runAction({ action: 'scan', inputs: INPUTS, run });
