import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { uploadSarif } from '@plimsoll/core/github/code-scanning';
import { readFromDefaultBranch } from '@plimsoll/core/github/default-branch-file';
import type { LoadedPolicy } from '@plimsoll/core/github/policy-file';
import { toolPorts } from '@plimsoll/core/github/tool-ports';
import { hexOf } from '@plimsoll/core/oci/digest';
import type { RepositoryName } from '@plimsoll/core/oci/reference';
import { FAILOVER } from '@plimsoll/core/runtime/retry';
import type { ScanRequest, ScanResult } from '@plimsoll/core/stages/scan';
import type { AttestPorts } from '@plimsoll/core/stages/scan/attest';
import type { RuleFiles } from '@plimsoll/core/stages/scan/foreign-suppressions';
import type { SarifPorts } from '@plimsoll/core/stages/scan/publish-sarif';
import { cosignAttest } from '@plimsoll/core/stages/sign/cosign';
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
export function scanRequest(inputs: ScanInputs, policy: LoadedPolicy, { github }: ScanContext): ScanRequest {
  return {
    image: inputs.image,
    subject: inputs.subject,
    source: inputs.source,
    sourcePrefix: inputs.sourcePrefix,
    policy: { rules: policy.policy.scan, digest: policy.digest },
    databases: {
      ...inputs.databases,
      cacheDir: path.join(github.toolCacheDir, 'plimsoll', 'databases'),
    },
    outputDir: path.join(github.tempDir, 'plimsoll-scan'),
    tempDir: github.tempDir,
    runUrl: github.runUrl,
  };
}

/** What signs and attaches the evidence; nothing when it is not asked for. */
export function attestPorts({ attest, subject, ...inputs }: ScanInputs, context: ScanContext): AttestPorts | undefined {
  if (!attest || 'layout' in subject) return undefined;
  const cosign = toolPorts(context);
  const trust = trustOf(inputs.trustedRoot, cosign);
  return {
    repository: context.registries().repository(subject.repository, 'push'),
    identityToken: () => context.idToken('sigstore'),
    attest: cosignAttest(cosign, { signingConfig: inputs.signingConfig, trust }),
    trust,
    bundleDirectory: path.join(
      context.github.tempDir,
      'plimsoll-scan',
      `bundles-${hexOf(subject.digest).slice(0, 12)}`,
    ),
  };
}

/** What shows the findings in code scanning. */
export function sarifPorts({ report, files }: ScanResult, context: ScanContext): SarifPorts {
  const { github, clock, signal, log } = context;
  const { repository, sha: commit, ref } = github;
  const upload = async () => {
    const sarif = await readFile(files.sarif);
    return uploadSarif(
      { repository, commit, ref, sarif, startedAt: report.startedAt },
      { api: context.api(), clock, signal },
    );
  };
  return { upload, log };
}

/** The files beside the policy that suppress findings. */
export async function ruleFiles({ trivyIgnorefile, vex }: ScanInputs, context: ScanContext): Promise<RuleFiles> {
  const ports = { api: context.api(), github: context.github };
  const read = (file: string, input: string) => readFromDefaultBranch({ path: file, input }, ports);
  return {
    trivyIgnore: trivyIgnorefile === undefined ? undefined : await read(trivyIgnorefile, 'trivy-ignorefile'),
    vex: await Promise.all(vex.map((file) => read(file, 'vex'))),
  };
}
