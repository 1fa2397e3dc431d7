import type { NextReleases } from '../metadata/next-release.ts';
import { details, sections } from './markdown.ts';
import { shellBlock } from './shell-block.ts';

/** The commands that would release a commit, folded: most commits are not released. */
export function releaseSection({ highest, next }: NextReleases, commit: string): string {
  const after = highest === undefined ? 'as the first version' : `after ${highest}`;
  const commands = next.map(({ tag }) => `git tag -s ${tag} -m ${tag} ${commit} && git push origin ${tag}`);
  return details(`Release this commit ${after}`, sections(shellBlock(commands)));
}
