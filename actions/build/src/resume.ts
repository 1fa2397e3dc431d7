import { runIntent } from '@plimsoll/core/github/run-intent';
import type { Digest } from '@plimsoll/core/oci/digest';
import { descriptorOf } from '@plimsoll/core/oci/manifest';
import { attachIntent } from '@plimsoll/core/stages/intent';
import type { BuildContext } from './inputs.ts';
import type { Job } from './job.ts';
import { tagUnproved } from './publication.ts';
import { reportEarlier } from './report.ts';

/**
 * Takes over an image that an earlier run uploaded, and leaves with it what an upload leaves: word of the tags that are
 * due in this run, or the tags. The earlier run did not know of them: a version tag may be pushed long after.
 */
export async function resume(job: Job, digest: Digest, context: BuildContext): Promise<void> {
  const { given, image, repository } = job;
  const { github, log } = context;
  const whole = given.build.mode !== 'shard';
  if (whole && given.tagNow) log.info(`${repository.label}: ${await tagUnproved(job, digest)}`);
  if (whole && !given.tagNow) {
    const subject = descriptorOf(await repository.manifest(digest));
    await attachIntent(repository, subject, runIntent(given.build, image.tags.tags, github));
  }
  await reportEarlier(job, digest, context);
}
