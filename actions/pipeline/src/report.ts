import { announceArtifact } from '@plimsoll/core/github/artifacts';
import { firstVisibility } from '@plimsoll/core/github/first-publication';
import { describeRule } from '@plimsoll/core/metadata/highest';
import type { SizedPlatform } from '@plimsoll/core/oci/platforms';
import { repositoryLabel } from '@plimsoll/core/oci/reference';
import { evidenceDiagram } from '@plimsoll/core/report/evidence-diagram';
import type { PipelineSummary } from '@plimsoll/core/report/pipeline-summary';
import { platformDigests, platformRows } from '@plimsoll/core/report/platform-rows';
import { scanSummary } from '@plimsoll/core/report/scan-summary';
import { consumerCommands } from '@plimsoll/core/report/consumer-checks';
import { plannedSource } from '@plimsoll/core/stages/build/dockerfile';
import { sbomPaths } from '@plimsoll/core/stages/build/sbom-files';
import type { Surroundings } from '@plimsoll/core/stages/build/surroundings';
import type { PipelineResult } from '@plimsoll/core/stages/pipeline/member';
import { smokePlan } from '@plimsoll/core/stages/smoke/smoke-run';
import type { PipelineContext } from './inputs.ts';
import type { StageRecord } from './record.ts';
import type { Job } from './job.ts';
import { publishedPlatforms } from './published-platforms.ts';
import { requestOf } from './request.ts';
import { lookBack } from './look-back.ts';

export interface FinishedRun {
  readonly job: Job;
  readonly record: StageRecord;
  /** What there was before this run. */
  readonly around: Surroundings;
  /** Absent when a stage failed. */
  readonly result?: PipelineResult | undefined;
}

/** Sets the outputs of an image, and tells what there is to say of it; a run that failed has both too, as far as it got. */
export async function reportImage(run: FinishedRun, context: PipelineContext): Promise<PipelineSummary> {
  const { job, record, result } = run;
  const commands = result?.verified ? consumerCommands(result.verified, job.given.signing.trustedRoot) : [];
  const platforms = record.built?.platforms ?? (await earlierPlatforms(job, record, context));
  setOutputs(run, { commands, platforms }, context);
  const digest = record.published ?? record.built?.digest;
  return {
    image: repositoryLabel(job.given.build.image),
    version: job.image.tags.version,
    ...(digest === undefined ? {} : { digest }),
    resumed: record.resumed,
    stages: record.rows,
    platforms: platformRows(platforms, {
      before: run.around.sizes?.sizes,
      steps: record.built?.steps,
    }),
    ...(record.built?.artifact && { files: record.built.artifact.files }),
    tags: result?.tags ?? [],
    pending: pendingTags(run),
    pullable: record.published !== undefined && job.given.build.artifact === undefined,
    commands,
    policy: job.policy.label,
    smoke: record.smoked,
    ...(record.scanned === undefined ? {} : { scan: scanSummary(record.scanned.report) }),
    ...(result?.verified === undefined ? {} : { evidence: evidenceDiagram(result.verified) }),
    ...(await lookBack(run, context)),
    ...(result?.published === undefined ? {} : await firstSeen(run, context)),
  };
}

/** The whole image is no shard: the job that merges tells of its platforms. */
function earlierPlatforms({ given, repository }: Job, { published, resumed }: StageRecord, { log }: PipelineContext) {
  const isPart = given.build.mode === 'shard';
  return resumed && published !== undefined && !isPart ? publishedPlatforms(repository, published, log) : [];
}

/** What this run left to a later job. */
function pendingTags({ job, result }: FinishedRun) {
  const { leaveMovingTags, push, tags } = requestOf(job);
  if (result === undefined || !push || !leaveMovingTags) return [];
  const written = new Set(result.tags.map(({ name }) => name));
  return tags.filter(({ name }) => !written.has(name));
}

/** What a person may want to do about an image that has just been published. */
async function firstSeen({ job, around }: FinishedRun, context: PipelineContext) {
  const visibility = await firstVisibility(job.given.build.image, around.published, context);
  return { visibility, release: around.release };
}

/** The plan of a dry run: nothing is built, read from a registry or written. */
export async function announcePlan(
  { given, image, needs, policy }: Job,
  { log, outputs }: PipelineContext,
): Promise<void> {
  const what = await plannedSource(given.build, log);
  const isArtifact = given.build.artifact !== undefined;
  const on =
    needs.length === 0 ? '' : ` on ${needs.map(({ member }) => member).join(' and ')}, once that passed its scan`;
  log.info(isArtifact ? `Would pack ${what}` : `Would build ${what} for ${given.build.platforms.join(', ')}${on}`);
  log.info(`Would scan every ${isArtifact ? 'file' : 'platform'} and ${given.source} by ${policy.label}`);
  for (const line of smokePlan(given.build)) log.info(line);
  if (given.push) log.info(`Would publish to ${repositoryLabel(given.build.image)} by digest`);
  const tags = given.push && given.sign ? image.tags.tags : [];
  for (const { name, class: kind, highest } of tags) {
    const condition = highest === undefined ? '' : `, if this is the ${describeRule(highest)} then`;
    log.info(`Would write the ${kind} tag ${name} after signing and verifying${condition}`);
  }
  setTags(given.build, tags, outputs);
  outputs.set('pushed', false);
}

function setTags(
  { image }: Job['given']['build'],
  tags: readonly { readonly name: string }[],
  outputs: PipelineContext['outputs'],
): void {
  outputs.set('tags', tags.map(({ name }) => name).join('\n'));
  outputs.set('references', tags.map(({ name }) => `${repositoryLabel(image)}:${name}`).join('\n'));
}

interface Told {
  readonly commands: readonly string[];
  readonly platforms: readonly SizedPlatform[];
}

function setOutputs({ job, record, result }: FinishedRun, { commands, platforms }: Told, context: PipelineContext) {
  const { outputs, env } = context;
  const { built, scanned } = record;
  const pushed = record.published !== undefined;
  outputs.set('pushed', pushed);
  outputs.set('resumed', record.resumed);
  outputs.set('outcome', scanned?.outcome ?? '');
  outputs.set('report', scanned?.files.report ?? '');
  outputs.set('sarif', (scanned?.files.sarifs ?? []).join('\n'));
  outputs.set('smoke', record.smoked.length === 0 ? '' : JSON.stringify(record.smoked));
  outputs.set('verify-command', commands[0] ?? '');
  setTags(job.given.build, result?.tags ?? [], outputs);
  if (built !== undefined || platforms.length > 0)
    outputs.set('platform-digests', JSON.stringify(platformDigests(platforms)));
  if (built !== undefined) outputs.set('sboms', JSON.stringify(sbomPaths(built.sboms)));
  const isPart = job.given.build.mode === 'shard';
  // The whole image is no shard: the job that merges finds it too.
  if (result === undefined || (isPart && result.resumed)) return;
  outputs.set('digest', result.digest);
  outputs.set('image', `${repositoryLabel(job.given.build.image)}@${result.digest}`);
  if (pushed && !isPart) announceArtifact(env, repositoryLabel(job.given.build.image), result.digest);
}
