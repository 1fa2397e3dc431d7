import type { ActionContext } from '../../github/action.ts';
import { nextReleases } from '../../metadata/next-release.ts';
import type { Repository } from '../../oci/registry/repository.ts';
import type { ClassedTag } from '../../policy/tags.ts';
import { releaseSection } from '../../report/release-section.ts';
import { gitTags } from '../../tools/git.ts';
import { type Outlook, outlook } from './outlook.ts';

/** What there is to say beside the image, read while that is being made. */
export interface Surroundings extends Partial<Outlook> {
  /** Markdown: the commands that would release this commit. */
  readonly release?: string | undefined;
}

export interface Surrounded {
  readonly push: boolean;
  readonly mode: string;
  readonly repository: Repository;
  readonly tags: readonly ClassedTag[];
  /** The commit that is built, where it is not that of the run. */
  readonly sha?: string | undefined;
}

type LookContext = Pick<ActionContext, 'github' | 'env' | 'signal' | 'log'>;

/** Nothing is asked where nothing is published. */
export function lookAround(image: Surrounded, context: LookContext): Promise<Surroundings> {
  const looking = image.push && image.mode !== 'shard' ? look(image, context) : Promise.resolve({});
  // Whoever waits for it is told, when there is an image to tell about.
  looking.catch(() => {});
  return looking;
}

async function look({ repository, tags, sha }: Surrounded, context: LookContext): Promise<Surroundings> {
  const { github, env, signal, log } = context;
  const isReleasable = github.refType === 'branch' && github.refName === github.defaultBranch;
  const [seen, git] = await Promise.all([
    outlook(repository, tags, log),
    isReleasable ? gitTags(github.workspace, { env: { ...env }, signal }) : [],
  ]);
  const known = seen.published !== undefined || git.length > 0;
  const next = isReleasable && known ? nextReleases({ git, published: seen.published ?? [] }) : undefined;
  return { ...seen, release: next && releaseSection(next, sha ?? github.sha) };
}
