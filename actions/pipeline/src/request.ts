import type { PipelineRequest } from '@plimsoll/core/stages/pipeline/member';
import type { Job } from './job.ts';

/** What the path is to do with the image of this run. */
export function requestOf({ given, image, standing }: Job): PipelineRequest {
  const { commit: commitTag, tags } = image.tags;
  // A shard is a part: the job that merges signs and tags the whole.
  const isPart = given.build.mode === 'shard';
  const unsignedTags = standing === 'development';
  const sign = given.sign && !isPart && !unsignedTags;
  const leaveMovingTags = !isPart && !unsignedTags && !(sign && given.moveTags);
  return { commitTag, tags: isPart ? [] : tags, push: given.push, sign, unsignedTags, leaveMovingTags };
}
