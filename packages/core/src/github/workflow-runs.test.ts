import { WorkflowRuns } from '@plimsoll/testkit/github/workflow-runs';
import { describe, expect, it } from 'vitest';
import type { ApiCall, GitHubApi } from './api.ts';
import type { GitHubContext } from './context.ts';
import { recentRuns } from './workflow-runs.ts';

const context = {
  repository: 'acme/app',
  workflow: 'Release',
  workflowRef: 'acme/app/.github/workflows/release.yml@refs/heads/main',
  refType: 'branch',
  refName: 'main',
  eventName: 'push',
  runId: '9',
} as GitHubContext;

/** Runs that took as many minutes as their number says; the API asks the emulator. */
function hosted(conclusions: readonly string[]) {
  const runs = new WorkflowRuns();
  const calls: ApiCall[] = [];
  for (const [index, conclusion] of conclusions.entries()) {
    const id = index + 1;
    runs.all.push({
      id,
      name: 'Release',
      file: 'release.yml',
      run_number: id,
      html_url: `https://github.com/acme/app/actions/runs/${id}`,
      head_branch: 'main',
      event: 'push',
      status: 'completed',
      conclusion,
      run_started_at: '2026-11-21T10:00:00Z',
      updated_at: `2026-11-21T10:${String(id).padStart(2, '0')}:00Z`,
    });
  }
  const send = async (call: ApiCall) => {
    calls.push(call);
    const url = new URL(`http://127.0.0.1${call.path}?${new URLSearchParams(call.query)}`);
    const answer = runs.handle('GET', url) ?? { status: 404, body: {} };
    return { status: answer.status, headers: {}, text: JSON.stringify(answer.body), request: call.path };
  };
  return { runs, calls, api: { send } as GitHubApi };
}

describe('recentRuns', () => {
  it('are those of this workflow on this branch, the newest first, by one request', async () => {
    const { api, calls, runs } = hosted(['success', 'failure', 'cancelled', 'timed_out', 'startup_failure']);
    const [first] = runs.all;
    if (first !== undefined)
      runs.all.push({ ...first, id: 6, head_branch: 'other' }, { ...first, id: 7, file: 'x.yml' });
    const found = await recentRuns(api, context, 10);
    expect(found.map(({ number, result }) => [number, result])).toEqual([
      [5, 'failure'],
      [4, 'failure'],
      [3, 'none'],
      [2, 'failure'],
      [1, 'success'],
    ]);
    expect(found.at(-1)?.milliseconds).toBe(60_000);
    expect(calls).toEqual([expect.objectContaining({ path: '/repos/acme/app/actions/workflows/release.yml/runs' })]);
  });

  it('are as many as asked for, and never this one', async () => {
    const { api } = hosted(Array.from({ length: 12 }, () => 'success'));
    const found = await recentRuns(api, context, 4);
    expect(found.map(({ number }) => number)).toEqual([12, 11, 10, 8]);
  });

  it('are found by what started them for a tag, and by name where nobody tells the file', async () => {
    const { api, calls } = hosted(['success']);
    const tag = { ...context, workflowRef: undefined, refType: 'tag', refName: 'v1.2.3' } as const;
    expect(await recentRuns(api, tag, 5)).toHaveLength(1);
    expect(await recentRuns(api, { ...tag, workflow: 'Another' }, 5)).toEqual([]);
    expect(calls[0]).toMatchObject({ path: '/repos/acme/app/actions/runs', query: { event: 'push' } });
    expect(calls[0]?.query).not.toHaveProperty('branch');
  });

  it('are refused by name where the job may not ask, and where the answer is none', async () => {
    const denied = hosted([]);
    denied.runs.denied = true;
    await expect(recentRuns(denied.api, context, 5)).rejects.toMatchObject({ code: 'github-denied' });
    const send = async () => ({ status: 200, headers: {}, text: '{"workflow_runs":[{}]}', request: 'GET' });
    await expect(recentRuns({ send } as unknown as GitHubApi, context, 5)).rejects.toMatchObject({
      code: 'github-protocol',
    });
  });
});
