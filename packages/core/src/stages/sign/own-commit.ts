import type { GitHubContext } from '../../github/context.ts';
import { PlimsollError } from '../../runtime/errors.ts';

/**
 * To be asked before anything is built or signed: a certificate names the commit of its run, and nobody accepts it for
 * an image of another. What a run signed for whatever commit it was told of would pass for reviewed code.
 *
 * @param commit - that the image is named by
 * @throws PlimsollError `input-conflict`
 */
export function refuseOtherCommit(commit: string, { sha }: Pick<GitHubContext, 'sha'>): void {
  if (commit === sha) return;
  const message = `The image is to be of ${commit}, and this run can sign only for its own commit ${sha}`;
  throw new PlimsollError('input-conflict', message, {
    hint: 'Build and sign in a run for that commit: write "if: github.event.workflow_run.head_sha == github.sha" at the job, or call this workflow from the one before it (docs/tags.md).',
  });
}
