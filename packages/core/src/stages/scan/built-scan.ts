import path from 'node:path';
import type { ActionContext } from '../../github/action.ts';
import type { BuildInputs } from '../../github/build-inputs.ts';
import { openCacheService } from '../../github/cache-service.ts';
import type { LoadedPolicy } from '../../github/policy-file.ts';
import { toolPorts } from '../../github/tool-ports.ts';
import { Layout } from '../../oci/layout.ts';
import { type RepositoryName, repositoryLabel } from '../../oci/reference.ts';
import { Memory } from '../../runtime/memory.ts';
import { FAILOVER } from '../../runtime/retry.ts';
import type { BuiltImage } from '../build.ts';
import { type ScanPorts, type ScanRequest, type ScanResult, scanImage } from '../scan.ts';
import { trustOf } from '../verify/trust.ts';
import type { BuiltScanInputs } from './built-scan-inputs.ts';
import { attestedReader, baseLockfiles } from './comparison-inputs.ts';
import { knownDockerfile } from './dockerfile-inputs.ts';
import { loadRules } from './rule-inputs.ts';
import { type Scanners, toolScanners } from './scanners.ts';

/** What a job says of the image that it scans before it uploads it. */
export interface BuiltScan {
  readonly build: BuildInputs;
  readonly scan: BuiltScanInputs;
  readonly policy: LoadedPolicy;
  /** Path; absent for the public instance's. */
  readonly trustedRoot: string | undefined;
}

/** What the scans of a run share. */
export interface ScanTools {
  readonly scanners: () => Promise<Scanners>;
  /** What scans remember for each other. */
  readonly memory: Memory;
}

type Context = ActionContext<'policy'>;

/** For the images of one run: the scanners are fetched when the first of them is scanned. */
export function scanTools(context: Context, memory = new Memory()): ScanTools {
  return { memory, scanners: () => memory.once('scanners', () => toolScanners(toolPorts(context))) };
}

/**
 * Scans an image that this job built or merged, before it is uploaded, and its source.
 *
 * @throws PlimsollError as `scanImage`, and what reading the rules throws
 */
export async function scanBuiltImage(
  built: BuiltImage,
  job: BuiltScan,
  { tools, context }: { readonly tools: ScanTools; readonly context: Context },
): Promise<ScanResult> {
  const request = await scanRequest(job, built, context);
  const compared = comparisonPorts(job, request.sourcePrefix ?? '', context);
  return scanImage(request, { ...(await scanPorts(built, tools, context)), ...compared });
}

async function scanRequest(
  { build, scan, policy }: BuiltScan,
  { content, digest }: BuiltImage,
  context: Context,
): Promise<ScanRequest> {
  const { github } = context;
  const relative = path.relative(github.workspace, scan.source);
  return {
    ...(await loadRules(scan.rules, policy, {
      api: context.api(),
      github,
      policyPath: context.inputs.text('policy'),
    })),
    image: repositoryLabel(build.image),
    baseline: scan.baseline,
    subject: content instanceof Layout ? { layout: content.directory } : { repository: build.image, digest },
    source: scan.source,
    sourceScanners: scan.sourceScanners,
    dockerfile: await knownDockerfile(dockerfileOf(build), github.workspace),
    sourcePrefix: relative.startsWith('..') ? '' : relative.replaceAll(path.sep, '/'),
    databases: { ...scan.databases, cacheDir: path.join(github.toolCacheDir, 'plimsoll', 'databases') },
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
function comparisonPorts({ policy, trustedRoot }: BuiltScan, prefix: string, context: Context) {
  const { github } = context;
  const registries = context.registries();
  const trust = trustOf(trustedRoot, toolPorts(context));
  const repository = (name: RepositoryName) => registries.repository(name);
  return {
    attested: attestedReader({ policy, github, repository, trust }),
    baseLockfiles: baseLockfiles(prefix, { api: context.api(), github }),
  };
}

/** A merged image is scanned before it is anywhere: its index is ours, and what it lists is in the registry. */
async function scanPorts(
  { content }: BuiltImage,
  { scanners, memory }: ScanTools,
  context: Context,
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
