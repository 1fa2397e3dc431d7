import path from 'node:path';
import type { BuiltImage } from '@plimsoll/core/stages/build';
import { buildRun } from '@plimsoll/core/stages/build/build-run';
import type { Vetted } from '@plimsoll/core/stages/pipeline/member';
import { mergeRequest, mergeShards } from '@plimsoll/core/stages/merge';
import { basesOf } from './bases.ts';
import type { PipelineContext } from './inputs.ts';
import type { Job } from './job.ts';
import type { RunTools } from './run-tools.ts';

interface Making {
  readonly job: Job;
  readonly tools: RunTools;
  /** Images of this run that it needs. */
  readonly vetted: readonly Vetted[];
}

/** An image of this run: built here, or put together of what other jobs built, scanned and pushed. */
export async function makeImage({ job, tools, vetted }: Making, context: PipelineContext): Promise<BuiltImage> {
  const { given, image } = job;
  if (given.build.mode === 'merge') return merge(job, context);
  const bases = await basesOf(job, vetted, { tools, context });
  const { limits } = job.policy.policy;
  return buildRun(given.build, { image, limits, bases, builders: tools.builders }, context);
}

function merge(
  { given, image, repository: source }: Job,
  { github, clock, signal }: PipelineContext,
): Promise<BuiltImage> {
  const sbomDirectory = path.join(github.tempDir, 'plimsoll-merge', 'sboms');
  const commit = given.build.metadata.sha ?? github.sha;
  return mergeShards(mergeRequest(given.build, { image, commit, sbomDirectory }), { source, clock, signal });
}
