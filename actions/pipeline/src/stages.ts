import { runIntent } from '@plimsoll/core/github/run-intent';
import { attachmentDigest } from '@plimsoll/core/oci/attached-content';
import { descriptorOf } from '@plimsoll/core/oci/manifest';
import type { Digest } from '@plimsoll/core/oci/digest';
import { artifactStatements } from '@plimsoll/core/stages/build/artifact-statements';
import type { BuiltImage } from '@plimsoll/core/stages/build';
import type { PipelinePorts } from '@plimsoll/core/stages/pipeline/member';
import { attachIntent } from '@plimsoll/core/stages/intent';
import { transferLog } from '@plimsoll/core/report/transfer-log';
import { publish } from '@plimsoll/core/stages/publish';
import type { ScanResult } from '@plimsoll/core/stages/scan';
import { signDigest } from '@plimsoll/core/stages/sign';
import { refuseOtherCommit } from '@plimsoll/core/stages/sign/own-commit';
import type { Signing } from '@plimsoll/core/stages/sign/ports';
import { smokeRun } from '@plimsoll/core/stages/smoke/smoke-run';
import { verifyImage } from '@plimsoll/core/stages/verify';
import { commitRules } from '@plimsoll/core/stages/verify/commit-rules';
import type { PipelineContext } from './inputs.ts';
import { makeImage } from './image.ts';
import type { Job } from './job.ts';
import type { RunTools } from './run-tools.ts';
import { scanBuilt } from './scan.ts';

/** The stages of the path, each bound to this image, and to the tools and registries of the run. */
export function stagePorts(job: Job, tools: RunTools, context: PipelineContext): PipelinePorts {
  const { given, repository } = job;
  const { log } = context;
  const { signing } = tools;
  const { trust } = signing;
  // What this run hung on its image, and nobody else: that is signed.
  const statements: Digest[] = [];
  return {
    repository,
    log,
    requireIdentity: () => (signing.key === undefined ? requireCertificate(given, context) : undefined),
    build: (vetted) => makeImage({ job, tools, vetted }, context),
    scan: (built) => scanBuilt({ job, tools, built }, context),
    smoke: (built) => smokeRun(given.build, built, context),
    publish: async (built, scanned) => {
      const { content } = built;
      const attachments = statementsOn(built, scanned);
      const published = await publish({ content, repository, attachments, progress: transferLog(context) });
      statements.push(...attachments.map(attachmentDigest));
      return published;
    },
    sign: (digest, scanned) =>
      signDigest(
        {
          ...signing.request(digest),
          statements,
          verdict: { kind: 'file', path: scanned.files.verdict ?? '' },
          scope: given.signScope,
          dryRun: false,
        },
        { ...signing.ports(repository), log },
      ),
    verify: async (digest) => verifyImage({ digest, ...(await rulesOf(job, signing, context)) }, { repository, trust }),
    leaveIntent: async (digest) => {
      const intent = runIntent(given.build, job.image.tags.tags, context.github);
      await attachIntent(repository, descriptorOf(await repository.manifest(digest)), intent);
    },
  };
}

/** Both what the certificate needs and what it says. */
function requireCertificate({ build }: Job['given'], context: PipelineContext): void {
  context.requireIdToken();
  refuseOtherCommit(build.metadata.sha ?? context.github.sha, context.github);
}

/** No builder saw what the lockfiles of an artifact's source name; the scan did. */
function statementsOn({ artifact, statements }: BuiltImage, { packages }: ScanResult) {
  return artifact === undefined ? statements : artifactStatements(artifact, packages);
}

/** Who may have signed what this run relies on. */
export function rulesOf({ given, policy: { policy, label } }: Job, { key }: Signing, context: PipelineContext) {
  const { github, idToken } = context;
  const { transparencyLog } = given.signing;
  const { sha: commit } = given.build.metadata;
  const sources = { policy: policy.verify, policyLabel: label, issuer: given.issuer, commit };
  return commitRules({ ...sources, github, idToken, transparencyLog, key });
}
