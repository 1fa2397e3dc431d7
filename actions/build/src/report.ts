import path from 'node:path';
import { announceArtifact } from '@plimsoll/core/github/artifacts';
import { firstVisibility } from '@plimsoll/core/github/first-publication';
import type { Digest } from '@plimsoll/core/oci/digest';
import { platformsOf, type SizedPlatform, withSizes } from '@plimsoll/core/oci/platforms';
import { repositoryLabel } from '@plimsoll/core/oci/reference';
import { buildSummary } from '@plimsoll/core/report/build-summary';
import { platformDigests, platformRows } from '@plimsoll/core/report/platform-rows';
import type { BuildResult } from '@plimsoll/core/stages/build';
import { sbomPaths } from '@plimsoll/core/stages/build/sbom-files';
import type { Surroundings } from '@plimsoll/core/stages/build/surroundings';
import type { BuildContext } from './inputs.ts';
import type { Job } from './job.ts';
import type { Made } from './made.ts';

export interface FinishedBuild extends Made {
  readonly job: Job;
  readonly around: Surroundings;
}

/** Writes the outputs and the summary of a build, or of the merge of several. */
export async function report({ job, built, around, took }: FinishedBuild, context: BuildContext): Promise<void> {
  const { digest, platforms, sboms, steps } = built;
  const { push: pushed, tagNow } = job.given;
  setImage(job, { digest, platforms, pushed }, context);
  context.outputs.set('sboms', JSON.stringify(sbomPaths(sboms)));
  context.outputs.set('resumed', false);
  const how = 'layout' in built ? made(built, context) : {};
  const visibility = pushed ? await firstVisibility(job.given.build.image, around.published, context) : undefined;
  context.summary.append(
    buildSummary({
      ...nameOf(job),
      ...how,
      digest,
      platforms: platformRows(platforms, { before: around.sizes?.sizes, steps }),
      pushed,
      tagged: pushed && tagNow,
      held: heldTags(job),
      took,
      visibility,
      release: around.release,
    }),
  );
}

/** A shard has no tags at all. */
function heldTags({ given, image, tags }: Job): readonly string[] {
  if (given.build.mode === 'shard') return [];
  const due = new Set(tags.map(({ name }) => name));
  return image.tags.tags.map(({ name }) => name).filter((name) => !due.has(name));
}

/** What only a build has, and no merge. */
function made({ layout, dockerfile, artifact }: BuildResult, { outputs, github }: BuildContext) {
  outputs.set('layout', layout.directory);
  const of = dockerfile === undefined ? {} : { file: path.relative(github.workspace, dockerfile) };
  return { layout: layout.directory, ...of, ...(artifact && { files: artifact.files }) };
}

/** The same of an image that an earlier run made: there is no layout, and nothing was built. */
export async function reportEarlier(job: Job, digest: Digest, context: BuildContext): Promise<void> {
  const { repository } = job;
  const platforms = await withSizes(repository, await platformsOf(repository, digest));
  // The whole image is no shard: the job that merges finds it too.
  if (job.given.build.mode !== 'shard') {
    setImage(job, { digest, platforms, pushed: true }, context);
    announceArtifact(context.env, repository.label, digest);
  }
  context.outputs.set('resumed', true);
  const { tagNow } = job.given;
  const earlier = { digest, platforms: platformRows(platforms), pushed: true, earlier: true, took: [] };
  context.summary.append(buildSummary({ ...nameOf(job), ...earlier, tagged: tagNow, held: heldTags(job) }));
}

/** @param file the Dockerfile, relative to the workspace; none for an artifact */
export function reportPlan(job: Job, file: string | undefined, { outputs, summary }: BuildContext): void {
  outputs.set('pushed', false);
  outputs.set('resumed', false);
  summary.append(buildSummary({ ...nameOf(job), platforms: [], pushed: false, took: [], ...(file && { file }) }));
}

interface Image {
  readonly digest: Digest;
  readonly platforms: readonly SizedPlatform[];
  readonly pushed: boolean;
}

function setImage(job: Job, { digest, platforms, pushed }: Image, { outputs }: BuildContext): void {
  outputs.set('digest', digest);
  outputs.set('image', `${repositoryLabel(job.given.build.image)}@${digest}`);
  outputs.set('platform-digests', JSON.stringify(platformDigests(platforms)));
  outputs.set('pushed', pushed);
}

function nameOf({ given, image, tags }: Job) {
  return { image: repositoryLabel(given.build.image), version: image.tags.version, tags };
}
