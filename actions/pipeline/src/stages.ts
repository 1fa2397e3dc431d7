import { runIntent } from '@plimsoll/core/github/run-intent';
import type { RefStanding } from '@plimsoll/core/github/ref-standing';
import type { LoadedPolicy } from '@plimsoll/core/github/policy-file';
import type { ImageDescription } from '@plimsoll/core/metadata/image-plan';
import { descriptorOf } from '@plimsoll/core/oci/manifest';
import type { Digest } from '@plimsoll/core/oci/digest';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import type { PipelinePorts } from '@plimsoll/core/stages/pipeline';
import { attachStatements } from '@plimsoll/core/stages/build/detached-attestations';
import { attachIntent } from '@plimsoll/core/stages/intent';
import { transferLog } from '@plimsoll/core/report/transfer-log';
import { publish } from '@plimsoll/core/stages/publish';
import { signDigest } from '@plimsoll/core/stages/sign';
import { createSigning, type Signing } from '@plimsoll/core/stages/sign/ports';
import { moveTags } from '@plimsoll/core/stages/promote/move-tags';
import { dueTags } from '@plimsoll/core/stages/due-tags';
import { verifyImage } from '@plimsoll/core/stages/verify';
import { commitRules } from '@plimsoll/core/stages/verify/commit-rules';
import type { PipelineContext, PipelineInputs } from './inputs.ts';
import { makeImage } from './image.ts';
import { scanBuilt } from './scan.ts';

/** What one run of the path works on. */
export interface Job {
  readonly given: PipelineInputs;
  readonly image: ImageDescription;
  readonly policy: LoadedPolicy;
  readonly repository: Repository;
  readonly standing: RefStanding;
}

/** The stages of the path, each bound to this run's inputs, tools and registries. */
export function stagePorts(job: Job, context: PipelineContext): PipelinePorts {
  const { given, repository } = job;
  const { log } = context;
  const signing = createSigning(given.signing, context);
  const { trust } = signing;
  // What this run hung on its image, and nobody else: that is signed.
  const statements: Digest[] = [];
  return {
    repository,
    log,
    requireIdentity: () => (signing.key === undefined ? context.requireIdToken() : undefined),
    build: () => makeImage(job, context),
    scan: (built) => scanBuilt(job, built, context),
    publish: async ({ content, statements: detached }) => {
      const published = await publish({ content, repository, progress: transferLog(context) });
      statements.push(...(await attachStatements(repository, detached)));
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
        signing.ports(repository),
      ),
    verify: async (digest) => verifyImage({ digest, ...(await rulesOf(job, signing, context)) }, { repository, trust }),
    leaveIntent: async (digest) => {
      const intent = runIntent(given.build, job.image.tags.tags, context.github);
      await attachIntent(repository, descriptorOf(await repository.manifest(digest)), intent);
    },
    tag: async (digest, tags) => {
      const note = { by: context.github.actor, run: context.github.runUrl };
      return moveTags(repository, { digest, tags: await dueTags(repository, tags, log) }, { note, log });
    },
  };
}

function rulesOf({ given, policy: { policy, label } }: Job, { key }: Signing, context: PipelineContext) {
  const { github, idToken } = context;
  const { transparencyLog } = given.signing;
  const sources = { policy: policy.verify, policyLabel: label, issuer: given.issuer };
  return commitRules({ ...sources, github, idToken, transparencyLog, key });
}
