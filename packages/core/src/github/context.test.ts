import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readContext } from './context.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'context-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const SHA = 'c'.repeat(40);

function read(event: unknown, env: Record<string, string> = {}) {
  const file = path.join(dir, 'event.json');
  writeFileSync(file, typeof event === 'string' ? event : JSON.stringify(event));
  return readContext({
    GITHUB_REPOSITORY: 'acme/app',
    GITHUB_SHA: SHA,
    GITHUB_REF: 'refs/heads/feature/x',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_EVENT_PATH: file,
    ...env,
  });
}

describe('readContext', () => {
  it('reads a push', () => {
    const commit = { id: SHA, timestamp: '2026-11-21T10:00:00+02:00' };
    const event = { repository: { default_branch: 'trunk' }, head_commit: commit };
    expect(read(event, { GITHUB_RUN_ID: '42', GITHUB_API_URL: 'http://127.0.0.1:1/api/' })).toMatchObject({
      owner: 'acme',
      name: 'app',
      refName: 'feature/x',
      refType: 'branch',
      defaultBranch: 'trunk',
      commitTimestamp: new Date('2026-11-21T08:00:00Z'),
      apiUrl: 'http://127.0.0.1:1/api',
      runUrl: 'https://github.com/acme/app/actions/runs/42',
      isForkPullRequest: false,
      pullRequestNumber: undefined,
    });
  });

  it('takes the time of the commit that the run is for, and no other', () => {
    const other = { id: 'd'.repeat(40), timestamp: '2026-01-01T00:00:00Z' };
    const ours = { id: SHA, timestamp: '2026-02-02T00:00:00Z' };
    expect(read({ head_commit: other, commits: [other, ours] }).commitTimestamp).toEqual(new Date('2026-02-02'));
    expect(read({ head_commit: other }).commitTimestamp).toBeUndefined();
    expect(read({ head_commit: { id: SHA, timestamp: 'soon' } }).commitTimestamp).toBeUndefined();
  });

  it.each(['workflow_run', 'merge_group'])('takes the time of the commit that %s names', (name) => {
    const head_commit = { id: SHA, timestamp: '2026-02-02T00:00:00Z' };
    const head_repository = { full_name: 'acme/app' };
    expect(read({ [name]: { head_commit, head_repository } }).commitTimestamp).toEqual(new Date('2026-02-02'));
  });

  it.each([
    ['acme/app', false],
    ['ACME/App', false],
    ['mallory/app', true],
    [undefined, true],
  ])('a pull request from %j is from a fork: %j', (full_name, expected) => {
    const head = full_name === undefined ? { repo: null } : { repo: { full_name } };
    const context = read({ pull_request: { number: 7, head } }, { GITHUB_REF: 'refs/pull/7/merge' });
    expect(context).toMatchObject({ pullRequestNumber: 7, isForkPullRequest: expected, refType: 'pull' });
  });

  it.each([
    ['acme/app', 'push', false, false],
    ['ACME/App', 'schedule', false, false],
    ['acme/app', 'pull_request', false, true],
    ['acme/app', 'pull_request_target', false, true],
    ['evil/app', 'pull_request', true, true],
    ['evil/app', 'push', true, true],
    [undefined, 'push', true, true],
  ])('a run that follows one of %j by %s is of a fork: %j, of a pull request: %j', (full_name, event, fork, pull) => {
    const head_repository = full_name === undefined ? null : { full_name };
    const context = read({ workflow_run: { event, head_repository } }, { GITHUB_REF: 'refs/heads/main' });
    expect(context).toMatchObject({ isForkPullRequest: fork, followsPullRequest: pull, pullRequestNumber: undefined });
  });

  it('does without what act leaves out', () => {
    const context = readContext({
      GITHUB_REPOSITORY: 'acme/app',
      GITHUB_SHA: SHA,
      GITHUB_REF: 'refs/tags/v1.0.0',
      GITHUB_EVENT_NAME: 'push',
      ACT: 'true',
    });
    expect(context).toMatchObject({
      isAct: true,
      refType: 'tag',
      refName: 'v1.0.0',
      workflowRef: undefined,
      event: {},
    });
  });

  it.each(['[]', 'null', '{'])('refuses the payload %j', (payload) => {
    expect(() => read(payload)).toThrowError(expect.objectContaining({ code: 'event-invalid' }));
  });

  it('names the variable that is missing', () => {
    expect(() => read({}, { GITHUB_SHA: '' })).toThrowError(
      expect.objectContaining({ code: 'event-invalid', message: expect.stringContaining('GITHUB_SHA') }),
    );
  });
});
