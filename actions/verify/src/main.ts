import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runAction } from '@plimsoll/core/github/action';
import { toolPorts } from '@plimsoll/core/github/tool-ports';
import { hexOf } from '@plimsoll/core/oci/digest';
import { stageLine } from '@plimsoll/core/report/stage-line';
import { lostLines, verifySummary } from '@plimsoll/core/report/verify-summary';
import { keepFootprintSmall } from '@plimsoll/core/runtime/small-footprint';
import { inspectImage, type VerifyReport } from '@plimsoll/core/stages/verify';
import { resolveImage } from '@plimsoll/core/stages/verify/resolve';
import { verifiedSbom } from '@plimsoll/core/stages/verify/sbom-document';
import { verifyRules } from '@plimsoll/core/stages/verify/rules';
import { trustKey } from '@plimsoll/core/stages/verify/trusted-key';
import { trustOf } from '@plimsoll/core/stages/verify/trust';
import { INPUTS, readVerifyInputs, type VerifyContext } from './inputs.ts';
import { saveImage } from './save-image.ts';

async function run(context: VerifyContext): Promise<void> {
  const { github, log, clock, outputs, summary } = context;
  const started = clock.now().getTime();
  const { image, identity, key, trustedRoot, trustedRootMaxAge: maxAge, sbom, layout } = readVerifyInputs(context);
  const { policy, label } = await context.policy();
  const given = {
    rules: verifyRules({ policy: policy.verify, policyLabel: label, inputs: identity, github }),
    trust: trustOf(trustedRoot, toolPorts(context), { maxAge, clock, cacheDir: github.toolCacheDir }),
  };
  const { rules, trust } = key === undefined ? given : await trustKey(key, given);
  for (const warning of rules.warnings) log.warning(warning);
  const repository = context.registries().repository(image);
  const digest = await resolveImage(repository, image);
  outputs.set('digest', digest);
  const { report, failure, evidence } = await inspectImage({ digest, ...rules }, { repository, trust, clock });
  outputs.set('verified', report.verified);
  outputs.set('outcome', report.outcome);
  outputs.set('reasons', (report.failure?.reasons ?? []).join('\n'));
  outputs.set('report', await writeReport(path.join(github.tempDir, 'plimsoll-verify'), report));
  summary.append(verifySummary(report, trustedRoot));
  for (const line of lostLines(report)) log.warning(line);
  if (failure !== undefined) throw failure;
  if (sbom !== undefined && evidence !== undefined) {
    await writeFile(sbom.file, verifiedSbom(evidence.accepted, evidence.image, sbom));
    outputs.set('sbom', sbom.file);
  }
  if (layout !== undefined) outputs.set('layout', await saveImage({ image, repository, digest, layout }, log));
  const accepted = report.bundles.filter((bundle) => bundle.accepted).length;
  log.info(stageLine('verify', `${digest}, ${accepted} bundles accepted`, clock.now().getTime() - started));
}

async function writeReport(directory: string, report: VerifyReport): Promise<string> {
  await mkdir(directory, { recursive: true });
  const file = path.join(directory, `${hexOf(report.digest).slice(0, 12)}.json`);
  await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`);
  return file;
}

keepFootprintSmall();
await runAction({ action: 'verify', inputs: INPUTS, run });
