import path from 'node:path';
import type { BuildInputs } from '@plimsoll/core/github/build-inputs';
import { openCacheService } from '@plimsoll/core/github/cache-service';
import { commentOnPullRequest } from '@plimsoll/core/github/sticky-comment';
import { toolPorts } from '@plimsoll/core/github/tool-ports';
import { Layout } from '@plimsoll/core/oci/layout';
import { type RepositoryName, repositoryLabel } from '@plimsoll/core/oci/reference';
import { scanSummary } from '@plimsoll/core/report/scan-summary';
import { FAILOVER } from '@plimsoll/core/runtime/retry';
import type { BuiltImage } from '@plimsoll/core/stages/build';
import { type ScanPorts, type ScanRequest, type ScanResult, scanImage } from '@plimsoll/core/stages/scan';
import { attestedReader, baseLockfiles } from '@plimsoll/core/stages/scan/comparison-inputs';
import { knownDockerfile } from '@plimsoll/core/stages/scan/dockerfile-inputs';
import { loadRules } from '@plimsoll/core/stages/scan/rule-inputs';
import { reportInIssue } from '@plimsoll/core/stages/scan/scan-issue';
import { showInCodeScanning } from '@plimsoll/core/stages/scan/sarif-upload';
import { trustOf } from '@plimsoll/core/stages/verify/trust';
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
  const request = await scanRequest(job, built, context);
  const compared = comparisonPorts(job, request.sourcePrefix ?? '', context);
  const result = await scanImage(request, { ...(await scanPorts(built, tools, context)), ...compared });
  if (job.given.uploadSarif) context.summary.append(await showInCodeScanning(result, context));
  const { github, log } = context;
  if (job.given.openIssue) {
    await reportInIssue(result.report, { repository: github.repository, api: context.api(), log });
  }
  if (job.given.prComment) {
    const markdown = scanSummary(result.report);
    await commentOnPullRequest(
      { marker: `scan ${result.report.image}`, markdown },
      { github, api: context.api(), log },
    );
  }
  return result;
}

async function scanRequest(job: Job, { content, digest }: BuiltImage, context: PipelineContext): Promise<ScanRequest> {
  const { given, policy } = job;
  const { github } = context;
  const relative = path.relative(github.workspace, given.source);
  return {
    ...(await loadRules(given.rules, policy, {
      api: context.api(),
      github,
      policyPath: context.inputs.text('policy'),
    })),
    image: repositoryLabel(given.build.image),
    baseline: given.baseline,
    subject: content instanceof Layout ? { layout: content.directory } : { repository: given.build.image, digest },
    source: given.source,
    sourceScanners: given.sourceScanners,
    dockerfile: await knownDockerfile(dockerfileOf(given.build), github.workspace),
    sourcePrefix: relative.startsWith('..') ? '' : relative.replaceAll(path.sep, '/'),
    databases: { ...given.databases, cacheDir: path.join(github.toolCacheDir, 'plimsoll', 'databases') },
    outputDir: path.join(github.tempDir, 'plimsoll-scan'),
    tempDir: github.tempDir,
    runUrl: github.runUrl,
  };
}

/** What a git URL names is not in this repository. */
function dockerfileOf({ context, file, git, options }: BuildInputs) {
  return git === undefined ? { context, file, target: options.target } : NOWHERE;
}

const NOWHERE = { context: undefined, file: undefined, target: undefined };

/** What there is to compare with. */
function comparisonPorts({ given, policy }: Job, prefix: string, context: PipelineContext) {
  const { github } = context;
  const registries = context.registries();
  const trust = trustOf(given.signing.trustedRoot, toolPorts(context));
  const repository = (name: RepositoryName) => registries.repository(name);
  return {
    attested: attestedReader({ policy, github, repository, trust }),
    baseLockfiles: baseLockfiles(prefix, { api: context.api(), github }),
  };
}

/** A merged image is scanned before it is anywhere: its index is ours, and what it lists is in the registry. */
async function scanPorts(
  { content }: BuiltImage,
  { scanners, memory }: RunTools,
  context: PipelineContext,
): Promise<ScanPorts> {
  const { log, http, clock, signal } = context;
  const registries = context.registries();
  const hurried = registries.withRetry(FAILOVER);
  return {
    scanners: await scanners(),
    memory,
    repository: (name) => (content.label === repositoryLabel(name) ? content : registries.repository(name)),
    hurried: hurried.repository.bind(hurried),
    http,
    cache: openCacheService(context.env, context),
    log,
    clock,
    signal,
  };
}
