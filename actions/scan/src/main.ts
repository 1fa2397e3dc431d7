import { mkdir, mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { runAction } from '@plimsoll/core/github/action';
import { openCacheService } from '@plimsoll/core/github/cache-service';
import { toolPorts } from '@plimsoll/core/github/tool-ports';
import { scanPlanMarkdown } from '@plimsoll/core/report/scan-plan';
import { scanSummary } from '@plimsoll/core/report/scan-summary';
import { stageLine } from '@plimsoll/core/report/stage-line';
import { planScan, requirePass, scanImage } from '@plimsoll/core/stages/scan';
import { assertAttestable } from '@plimsoll/core/stages/scan/attest';
import { scanOutcomeText } from '@plimsoll/core/stages/scan/exit';
import { toolScanners } from '@plimsoll/core/stages/scan/scanners';
import { INPUTS, readScanInputs, type ScanContext } from './inputs.ts';
import { attestPorts, comparisonPorts, registryPorts, scanRequest } from './ports.ts';
import { publishResults, setOutputs, setPessimisticOutputs } from './report.ts';

async function run(context: ScanContext): Promise<void> {
  const { summary, log, clock, http, signal } = context;
  const started = clock.now().getTime();
  setPessimisticOutputs(context);
  const inputs = await readScanInputs(context);
  const { repository, hurried } = registryPorts(context);
  const request = await scanRequest(inputs, context);
  if (inputs.dryRun) {
    const plan = scanPlanMarkdown(await planScan(request, repository), {
      ...inputs.databases,
      attest: inputs.attest,
      from: inputs.from,
    });
    summary.append(plan);
    return log.info(plan);
  }
  const evidence = attestPorts(inputs, context);
  if (evidence !== undefined) await assertAttestable(evidence);
  const scanners = await toolScanners(toolPorts(context));
  await mkdir(request.outputDir, { recursive: true });
  const outputDir = await mkdtemp(path.join(request.outputDir, 'run-'));
  const cache = openCacheService(context.env, context);
  const compared = await comparisonPorts(inputs, context);
  const ports = { scanners, repository, hurried, http, cache, log, clock, signal, ...compared };
  const result = await scanImage({ ...request, outputDir }, ports);
  summary.append(scanSummary(result.report));
  setOutputs(context, result);
  await publishResults(result, inputs, { evidence, context });
  requirePass(result.report);
  log.info(stageLine('scan', scanOutcomeText(result.report), clock.now().getTime() - started));
}

await runAction({ action: 'scan', inputs: INPUTS, run });
