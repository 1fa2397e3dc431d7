import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { systemClock } from '../runtime/clock.ts';
import type { ApiCall, GitHubApi } from './api.ts';
import { uploadSarif } from './code-scanning.ts';

function recording(calls: ApiCall[]): Pick<GitHubApi, 'send'> {
  return {
    send: async (call) => {
      calls.push(call);
      return { status: 202, headers: {}, text: '{"id":"1"}', request: 'POST' };
    },
  };
}

test('a file that GitHub would not take is refused before it is sent', async () => {
  const calls: ApiCall[] = [];
  const api = recording(calls) as GitHubApi;
  // Random bytes do not become smaller by compression.
  const upload = {
    repository: 'acme/app',
    commit: 'a'.repeat(40),
    ref: 'refs/heads/main',
    sarif: randomBytes(11 * 1024 * 1024),
    startedAt: new Date(),
  };
  await expect(uploadSarif(upload, { api, clock: systemClock })).rejects.toMatchObject({ code: 'sarif-rejected' });
  expect(calls).toEqual([]);
});
