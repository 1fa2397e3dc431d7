import { readFile } from 'node:fs/promises';
import { recentRuns } from '@plimsoll/core/github/workflow-runs';
import type { Digest } from '@plimsoll/core/oci/digest';
import type { PipelineSummary } from '@plimsoll/core/report/pipeline-summary';
import { isFailure } from '@plimsoll/core/runtime/errors';
import type { BuiltImage } from '@plimsoll/core/stages/build';
import { compareWith } from '@plimsoll/core/stages/promote/compare';
import { contentsOf, contentsOfStatements, type ImageContents } from '@plimsoll/core/stages/promote/contents';
import type { ScanResult } from '@plimsoll/core/stages/scan';
import { createSigning } from '@plimsoll/core/stages/sign/ports';
import { readTrends, type TrendsRequest } from '@plimsoll/core/stages/trends';
import { type Accepted, acceptedReader } from '@plimsoll/core/stages/trends/accepted';
import { findingsOf, releaseName, type ReleasePoint } from '@plimsoll/core/stages/trends/release-point';
import { PREDICATE_TYPES } from '@plimsoll/core/sigstore/predicates';
import type { PipelineContext } from './inputs.ts';
import type { FinishedRun } from './report.ts';
import { rulesOf } from './stages.ts';

const RELEASES = 10;
const RUNS = 20;

type LookBack = Pick<PipelineSummary, 'trends' | 'contents'>;

/** What was before, for the summary; it costs requests, so only for those who asked. Never a reason to fail. */
export async function lookBack(run: FinishedRun, context: PipelineContext): Promise<LookBack> {
  const { given, image } = run.job;
  const tag = historyTag(image.tags.tags.flatMap(({ name, class: kind }) => (kind === 'moving' ? [name] : [])));
  if (!given.trends || !given.push || given.build.mode === 'shard' || tag === undefined) return {};
  try {
    return await readBack(run, tag, context);
  } catch (error) {
    if (!isFailure(error)) throw error;
    context.log.info(`What was before could not be told: ${error.message}`);
    return {};
  }
}

/** The one that every release moves. */
function historyTag(moving: readonly string[]): string | undefined {
  return moving.find((name) => name === 'latest') ?? moving[0];
}

async function readBack(run: FinishedRun, tag: string, context: PipelineContext): Promise<LookBack> {
  const { job, result } = run;
  const signing = createSigning(job.given.signing, context);
  const { identity, log } = await rulesOf(job, signing, context);
  // Each release is of a commit of its own.
  const { commit: _commit, ...anyCommit } = identity;
  const source = job.repository;
  const accepted = acceptedReader({ source, trust: signing.trust, identity: anyCommit, log });
  const before = run.around.sizes?.digest;
  const contents =
    result === undefined || before === undefined || before === result.digest
      ? undefined
      : await compareWith(before, {
          had: attestedContents(before, accepted),
          has: ownContents(run, result.digest, accepted),
        });
  const request: TrendsRequest = { tag, most: RELEASES, ...presentOf(run, tag, context) };
  const runs = () => recentRuns(context.api(), context.github, RUNS);
  const trends = await readTrends(request, { source, accepted, runs });
  return { trends, ...(contents === undefined ? {} : { contents }) };
}

function presentOf({ job, record, result }: FinishedRun, tag: string, context: PipelineContext) {
  if (result === undefined) return {};
  const { digest } = result;
  const { built, scanned } = record;
  if (built === undefined || scanned === undefined) return { present: { digest } };
  const annotations = {
    'org.opencontainers.image.version': job.image.tags.version,
    'org.opencontainers.image.revision': context.github.sha,
  };
  const point: ReleasePoint = {
    digest,
    name: releaseName(annotations, { digest, tag }),
    at: context.clock.now(),
    size: built.platforms.reduce((total, { size }) => total + size, 0),
    findings: findingsOf(scanned.counts),
  };
  return { present: { digest, point } };
}

async function attestedContents(digest: Digest, accepted: Accepted): Promise<ImageContents> {
  return contentsOf(await accepted(digest, [PREDICATE_TYPES.spdx, PREDICATE_TYPES.vuln]));
}

/** From the files of this run where it made them: they are what it signed. */
function ownContents({ record }: FinishedRun, digest: Digest, accepted: Accepted): Promise<ImageContents> {
  const { built, scanned } = record;
  return built === undefined || scanned === undefined
    ? attestedContents(digest, accepted)
    : contentsOfRun(built, scanned);
}

async function contentsOfRun({ sboms }: BuiltImage, { files }: ScanResult): Promise<ImageContents> {
  const claim = async (predicateType: string, file: string) => ({
    predicateType,
    predicate: JSON.parse(await readFile(file, 'utf8')) as unknown,
  });
  const statements = [
    ...sboms.map(({ spdx }) => claim(PREDICATE_TYPES.spdx, spdx)),
    ...[...files.predicates.values()].map((file) => claim(PREDICATE_TYPES.vuln, file)),
  ];
  return contentsOfStatements(await Promise.all(statements));
}
