import path from 'node:path';
import { toolPorts } from '@plimsoll/core/github/tool-ports';
import { hexOf } from '@plimsoll/core/oci/digest';
import type { RepositoryName } from '@plimsoll/core/oci/reference';
import { FAILOVER } from '@plimsoll/core/runtime/retry';
import type { ScanRequest } from '@plimsoll/core/stages/scan';
import type { AttestPorts } from '@plimsoll/core/stages/scan/attest';
import { attestedReader, baseLockfiles } from '@plimsoll/core/stages/scan/comparison-inputs';
import { loadRules } from '@plimsoll/core/stages/scan/rule-inputs';
import { cosignAttest } from '@plimsoll/core/stages/sign/cosign';
import { decideLog } from '@plimsoll/core/stages/sign/transparency';
import { trustOf } from '@plimsoll/core/stages/verify/trust';
import type { ScanContext, ScanInputs } from './inputs.ts';

/** One set of connections and tokens for the image and the databases. */
export function registryPorts(context: ScanContext) {
  const registries = context.registries();
  const hurried = registries.withRetry(FAILOVER);
  return {
    repository: (name: RepositoryName) => registries.repository(name),
    hurried: (name: RepositoryName) => hurried.repository(name),
  };
}

/** What the stage is asked for; files go below the runner's temporary directory. */
export async function scanRequest(inputs: ScanInputs, context: ScanContext): Promise<ScanRequest> {
  const { github } = context;
  return {
    ...(await loadRules(inputs.rules, await context.policy(), {
      api: context.api(),
      github,
      policyPath: context.inputs.text('policy'),
    })),
    image: inputs.image,
    from: inputs.from,
    baseline: inputs.baseline,
    subject: inputs.subject,
    source: inputs.source,
    sourcePrefix: inputs.sourcePrefix,
    dockerfile: inputs.dockerfile,
    sourceScanners: inputs.sourceScanners,
    databases: {
      ...inputs.databases,
      cacheDir: path.join(github.toolCacheDir, 'plimsoll', 'databases'),
    },
    outputDir: path.join(github.tempDir, 'plimsoll-scan'),
    tempDir: github.tempDir,
    runUrl: github.runUrl,
  };
}

/** What there is to compare with, and what is attested of published images. */
export async function comparisonPorts(inputs: ScanInputs, context: ScanContext) {
  const { github } = context;
  const policy = await context.policy();
  const registries = context.registries();
  const repository = (name: RepositoryName) => registries.repository(name);
  const trust = trustOf(inputs.trustedRoot, toolPorts(context));
  return {
    attested: attestedReader({ policy, github, repository, trust }),
    baseLockfiles: baseLockfiles(inputs.sourcePrefix, { api: context.api(), github }),
  };
}

/** What signs and attaches the evidence; nothing when it is not asked for. */
export function attestPorts({ attest, subject, ...inputs }: ScanInputs, context: ScanContext): AttestPorts | undefined {
  if (!attest || subject === undefined || 'layout' in subject) return undefined;
  const cosign = toolPorts(context);
  const trust = trustOf(inputs.trustedRoot, cosign);
  return {
    repository: context.registries().repository(subject.repository, 'push'),
    identityToken: () => context.idToken('sigstore'),
    attest: cosignAttest(cosign, { signingConfig: inputs.signingConfig, trust }),
    trust,
    isLogged: (token) => decideLog('auto', context.github.event, token).log,
    bundleDirectory: path.join(
      context.github.tempDir,
      'plimsoll-scan',
      `bundles-${hexOf(subject.digest).slice(0, 12)}`,
    ),
  };
}
