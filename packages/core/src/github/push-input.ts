import { PlimsollError } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { pick, pickText } from '../runtime/pick.ts';
import type { GitHubContext } from './context.ts';
import type { Inputs } from './inputs.ts';

type PushContext = Pick<
  GitHubContext,
  'actor' | 'event' | 'eventName' | 'isForkPullRequest' | 'followsPullRequest' | 'pullRequestNumber'
>;

export interface PushPorts {
  readonly inputs: Inputs<'push'>;
  readonly github: PushContext;
  readonly log: Log;
}

export interface PushWords {
  /** What an empty input means. */
  readonly fallback: 'auto' | 'false';
  /** What is left out when nothing is published, for the notice. */
  readonly leftOut: string;
}

/**
 * The `push` input. With `auto` a pull request's image goes nowhere, and neither does what Dependabot pushes: its
 * token may only read, and it sees no secrets (docs.github.com, "Dependabot on GitHub Actions").
 *
 * @throws PlimsollError `input-invalid`; `input-conflict` for `true` on the pull request of a fork
 */
export function readPush({ inputs, github, log }: PushPorts, { fallback, leftOut }: PushWords): boolean {
  const push = inputs.choice('push', ['auto', 'true', 'false'], fallback);
  if (push === 'true') refuseFork(github);
  if (push !== 'auto') return push === 'true';
  const why = readOnlyReason(github);
  if (why === undefined) return true;
  log.notice(`${why}. Left out: ${leftOut}`);
  return false;
}

/** Why `auto` publishes nothing; nothing for events that do. */
function readOnlyReason(github: PushContext): string | undefined {
  const { pullRequestNumber: number, eventName } = github;
  const byDependabot = isDependabot(github) && eventName !== 'workflow_dispatch' && eventName !== 'schedule';
  if (github.isForkPullRequest && number !== undefined)
    return `Pull request #${number} comes from ${headOf(github)}, so its token may only read`;
  if (github.isForkPullRequest) return `The run that started this one was for ${headOf(github)}`;
  if (byDependabot && number !== undefined)
    return `Pull request #${number} is Dependabot's, so its token may only read`;
  if (byDependabot) return 'Dependabot started this run, so its token may only read';
  if (github.followsPullRequest) return 'The run that started this one was for a pull request';
  return number === undefined ? undefined : `Pull request #${number} ${standing(github)}`;
}

/** A closed one has a run too, and `merged` says how it was closed. */
function standing({ event }: PushContext): string {
  if (pick(event, 'pull_request', 'merged') === true) return 'is merged: the push to its branch is what is published';
  return pickText(event, 'pull_request', 'state') === 'closed' ? 'was closed without a merge' : 'is not merged yet';
}

function isDependabot({ actor }: PushContext): boolean {
  return actor === 'dependabot[bot]';
}

function headOf({ event }: PushContext): string {
  const head =
    pickText(event, 'pull_request', 'head', 'repo', 'full_name') ??
    pickText(event, 'workflow_run', 'head_repository', 'full_name');
  return head === undefined ? 'a fork that is gone' : `the fork ${head}`;
}

function refuseFork(github: PushContext): void {
  if (!github.isForkPullRequest) return;
  const { pullRequestNumber: number } = github;
  if (number === undefined) throw followsFork(github);
  throw new PlimsollError(
    'input-conflict',
    `Pull request #${number} comes from ${headOf(github)}, which has no right to push`,
    {
      hint: 'Write "push: auto": the image of a pull request is built and scanned, and published after the merge.',
    },
  );
}

function followsFork(github: PushContext): PlimsollError {
  const message = `The run that started this one was for ${headOf(github)}, which has no right to push`;
  return new PlimsollError('input-conflict', message, {
    hint: 'Write "push: auto", or "if: github.event.workflow_run.event == \'push\'" at the job.',
  });
}
