import { describe, expect, it } from 'vitest';
import { silentLog } from '../runtime/log.ts';
import type { GitHubContext } from './context.ts';
import { readInputs } from './inputs.ts';
import { readPush } from './push-input.ts';

type Run = Partial<GitHubContext>;

const OWN: Run = { pullRequestNumber: 7, isForkPullRequest: false, eventName: 'pull_request' };
const FORK: Run = {
  ...OWN,
  isForkPullRequest: true,
  event: { pull_request: { head: { repo: { full_name: 'stranger/app' } } } },
};
const AFTER: Run = { eventName: 'workflow_run', followsPullRequest: true };
const AFTER_FORK: Run = {
  ...AFTER,
  isForkPullRequest: true,
  event: { workflow_run: { head_repository: { full_name: 'stranger/app' } } },
};
const DEPENDABOT: Run = { actor: 'dependabot[bot]' };

function read(push: string, run: Run = {}) {
  const notices: string[] = [];
  const log = { ...silentLog, notice: (text: string) => void notices.push(text) };
  const inputs = readInputs(['push'], { INPUT_PUSH: push }, { mask() {} });
  const none = { isForkPullRequest: false, followsPullRequest: false, pullRequestNumber: undefined };
  const github = { actor: 'octo', event: {}, eventName: 'push', ...none, ...run };
  const pushed = readPush({ inputs, github, log }, { fallback: 'auto', leftOut: 'the upload' });
  return { pushed, notices };
}

describe('push: auto', () => {
  it.each<[string, Run]>([
    ['a push', {}],
    ['a schedule that Dependabot was the last to touch', { ...DEPENDABOT, eventName: 'schedule' }],
    ['a dispatch', { eventName: 'workflow_dispatch' }],
    ['a run that follows one of a push', { eventName: 'workflow_run' }],
  ])('publishes on %s', (_name, run) => {
    expect(read('auto', run)).toEqual({ pushed: true, notices: [] });
  });

  it.each<[string, Run, RegExp]>([
    ['a pull request', OWN, /#7/],
    ['a fork', FORK, /stranger\/app/],
    ['a fork that was deleted', { ...FORK, event: {} }, /gone/],
    ['a pull request of Dependabot', { ...OWN, ...DEPENDABOT }, /Dependabot/],
    ['a push of Dependabot', DEPENDABOT, /Dependabot/],
    ['a run that follows one of a pull request', AFTER, /pull request/],
    ['a run that follows one of a fork', AFTER_FORK, /stranger\/app/],
    [
      'a pull request that was merged',
      { ...OWN, event: { pull_request: { merged: true, state: 'closed' } } },
      /is merged/,
    ],
    ['one that was closed', { ...OWN, event: { pull_request: { merged: false, state: 'closed' } } }, /closed/],
  ])('publishes nothing on %s, and says what was left out', (_name, run, reason) => {
    const { pushed, notices } = read('auto', run);
    expect(pushed).toBe(false);
    expect(notices).toEqual([expect.stringMatching(reason)]);
    expect(notices[0]).toContain('the upload');
  });
});

describe('push: true', () => {
  it.each([FORK, AFTER_FORK])('on a fork fails', (run) => {
    expect(() => read('true', run)).toThrow(expect.objectContaining({ code: 'input-conflict' }));
  });

  it.each<[string, Run]>([
    ['a pull request of the repository itself', OWN],
    ['a run that follows one of a pull request of the repository', AFTER],
    ['one of Dependabot, whose job may have been given the right', { ...OWN, ...DEPENDABOT }],
  ])('publishes on %s', (_name, run) => {
    expect(read('true', run)).toEqual({ pushed: true, notices: [] });
  });
});

it('push: false publishes nothing and says nothing', () => {
  expect(read('false', FORK)).toEqual({ pushed: false, notices: [] });
});
