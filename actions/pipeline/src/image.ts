import path from 'node:path';
import type { BuiltImage } from '@plimsoll/core/stages/build';
import { buildRun } from '@plimsoll/core/stages/build/build-run';
import { mergeRequest, mergeShards } from '@plimsoll/core/stages/merge';
import type { PipelineContext } from './inputs.ts';
import type { Job } from './job.ts';
import type { RunTools } from './run-tools.ts';

/** The image of this run: built here, or put together of what other jobs built, scanned and pushed. */
export function makeImage(job: Job, { builders }: RunTools, context: PipelineContext): Promise<BuiltImage> {
  const { given, image } = job;
  const { limits } = job.policy.policy;
  return given.build.mode === 'merge'
    ? merge(job, context)
    : buildRun(given.build, { image, limits, builders }, context);
}

function merge(
  { given, image, repository: source }: Job,
  { github, clock, signal }: PipelineContext,
): Promise<BuiltImage> {
  const sbomDirectory = path.join(github.tempDir, 'plimsoll-merge', 'sboms');
  const commit = given.build.metadata.sha ?? github.sha;
  return mergeShards(mergeRequest(given.build, { image, commit, sbomDirectory }), { source, clock, signal });
}
