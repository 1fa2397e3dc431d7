import { nextReleases } from '@plimsoll/core/metadata/next-release';
import { releaseSection } from '@plimsoll/core/report/release-section';
import { type Outlook, outlook } from '@plimsoll/core/stages/build/outlook';
import { gitTags } from '@plimsoll/core/tools/git';
import type { BuildContext } from './inputs.ts';
import type { Job } from './job.ts';

/** What there is to say beside the image, read while that is being made. */
export interface Surroundings extends Partial<Outlook> {
  /** Markdown: the commands that would release this commit. */
  readonly release?: string | undefined;
}

/** Nothing is asked where nothing is published. */
export function lookAround(job: Job, context: BuildContext): Promise<Surroundings> {
  const looking = job.given.push && job.given.build.mode !== 'shard' ? look(job, context) : Promise.resolve({});
  // Whoever waits for it is told, when there is an image to tell about.
  looking.catch(() => {});
  return looking;
}

async function look(job: Job, context: BuildContext): Promise<Surroundings> {
  const { github, env, signal, log } = context;
  const isReleasable = github.refType === 'branch' && github.refName === github.defaultBranch;
  const [seen, git] = await Promise.all([
    outlook(job.repository, job.tags, log),
    isReleasable ? gitTags(github.workspace, { env: { ...env }, signal }) : [],
  ]);
  const known = seen.published !== undefined || git.length > 0;
  const next = isReleasable && known ? nextReleases({ git, published: seen.published ?? [] }) : undefined;
  return { ...seen, release: next && releaseSection(next, job.given.build.metadata.sha ?? github.sha) };
}
