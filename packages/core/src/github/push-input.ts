import { PlimsollError } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { pickText } from '../runtime/pick.ts';
import type { GitHubContext } from './context.ts';
import type { Inputs } from './inputs.ts';

type PushContext = Pick<GitHubContext, 'actor' | 'event' | 'eventName' | 'isForkPullRequest' | 'pullRequestNumber'>;

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
  if (github.isForkPullRequest)
    return `Pull request #${number} comes from ${headOf(github)}, so its token may only read`;
  if (byDependabot && number !== undefined)
    return `Pull request #${number} is Dependabot's, so its token may only read`;
  if (byDependabot) return 'Dependabot started this run, so its token may only read';
  return number === undefined ? undefined : `Pull request #${number} is not merged yet`;
}

function isDependabot({ actor }: PushContext): boolean {
  return actor === 'dependabot[bot]';
}

function headOf({ event }: PushContext): string {
  const head = pickText(event, 'pull_request', 'head', 'repo', 'full_name');
  return head === undefined ? 'a fork that is gone' : `the fork ${head}`;
}

function refuseFork(github: PushContext): void {
  if (!github.isForkPullRequest) return;
  const message = `Pull request #${github.pullRequestNumber} comes from ${headOf(github)}, which has no right to push`;
  throw new PlimsollError('input-conflict', message, {
    hint: 'Write "push: auto": the image of a pull request is built and scanned, and published after the merge.',
  });
}
