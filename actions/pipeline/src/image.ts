import path from 'node:path';
import { toolPorts } from '@plimsoll/core/github/tool-ports';
import { type BuiltImage, build } from '@plimsoll/core/stages/build';
import { mergeRequest, mergeShards } from '@plimsoll/core/stages/merge';
import { buildLayout } from '@plimsoll/core/tools/buildx';
import type { PipelineContext } from './inputs.ts';
import type { Job } from './stages.ts';

/** The image of this run: built here, or put together of what other jobs built, scanned and pushed. */
export function makeImage(job: Job, context: PipelineContext): Promise<BuiltImage> {
  return job.given.build.mode === 'merge' ? merge(job, context) : make(job, context);
}

function make({ given, image, policy }: Job, context: PipelineContext): Promise<BuiltImage> {
  const { tempDir, workspace } = context.github;
  const { labels, annotations, createdAt } = image;
  const described = { commitTag: image.tags.commit, labels, annotations, createdAt, limits: policy.policy.limits };
  const tools = toolPorts(context);
  return build(
    { ...given.build, ...described, tempDir, workspace },
    { buildLayout: (task) => buildLayout(task, tools), log: context.log },
  );
}

function merge({ given, image, repository }: Job, { github }: PipelineContext): Promise<BuiltImage> {
  const sbomDirectory = path.join(github.tempDir, 'plimsoll-merge', 'sboms');
  const commit = given.build.metadata.sha ?? github.sha;
  return mergeShards(repository, mergeRequest(given.build, { image, commit, sbomDirectory }));
}
