import type { RuledTag } from '../metadata/highest.ts';
import type { Intent } from '../stages/intent.ts';
import type { BuildInputs } from './build-inputs.ts';
import type { GitHubContext } from './context.ts';

/** What this run means its image to be called, for the job that will have proof. */
export function runIntent(
  { metadata }: Pick<BuildInputs, 'metadata'>,
  tags: readonly RuledTag[],
  github: Pick<GitHubContext, 'sha' | 'ref' | 'eventName' | 'runId' | 'runAttempt'>,
): Intent {
  const { sha = github.sha, ref = github.ref } = metadata;
  const run = { id: github.runId, attempt: github.runAttempt };
  return { version: 1, commit: sha, ref, event: github.eventName, run, tags };
}
