import { type SizesBefore, sizesBefore } from '@plimsoll/core/stages/build/sizes-before';
import type { PipelineContext } from './inputs.ts';
import type { Job } from './job.ts';

/** What people pull now, read before the run moves a tag; nothing is asked where nothing is published. */
export async function sizesNow({ given, repository, image }: Job, { log }: PipelineContext) {
  const isPart = given.build.mode === 'shard';
  const before: SizesBefore | undefined =
    given.push && !isPart ? await sizesBefore(repository, image.tags.tags, log) : undefined;
  return before;
}
