import { lookAround, type Surroundings } from '@plimsoll/core/stages/build/surroundings';
import type { PipelineContext } from './inputs.ts';
import type { Job } from './job.ts';

/** What people pull now, and what this commit could be released as. */
export function surroundingsOf({ given, repository, image }: Job, context: PipelineContext): Promise<Surroundings> {
  const { push, build } = given;
  return lookAround({ push, mode: build.mode, repository, tags: image.tags.tags, sha: build.metadata.sha }, context);
}
