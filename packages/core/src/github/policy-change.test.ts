import { DEFAULT_IDENTITY } from '@plimsoll/testkit/world/identity';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../runtime/clock.ts';
import { createHttp } from '../runtime/http.ts';
import { createGitHubApi } from './api.ts';
import type { GitHubContext } from './context.ts';
import { policyChanges } from './policy-change.ts';

const http = createHttp();
let world: World;

beforeAll(async () => {
  world = await startWorld({ parts: ['github'] });
});
afterAll(async () => {
  await world.close();
  await http[Symbol.asyncDispose]();
});

function changes(change: Partial<GitHubContext>) {
  const { apiUrl, token } = world.github;
  const clock = { ...systemClock, sleep: async () => {} };
  const api = createGitHubApi({ apiUrl, token, http, clock, signal: new AbortController().signal });
  const { repository, sha, eventName } = DEFAULT_IDENTITY;
  const github = { repository, sha, eventName, defaultBranch: 'main', ...change } as GitHubContext;
  return policyChanges(['.github/plimsoll.yml', '.trivyignore'], { api, github });
}

function setFile(ref: string, path: string, content: string): void {
  world.github.repositories.setFileAt({ repository: 'acme/app', path, ref, content });
}

test('says what a pull request and a merge group change, and nothing of other events', async () => {
  setFile('main', '.trivyignore', 'CVE-1\n');
  setFile(DEFAULT_IDENTITY.sha, '.trivyignore', 'CVE-1\nCVE-2\n');
  const expected = { changes: [{ path: '.trivyignore', before: 'CVE-1\n', after: 'CVE-1\nCVE-2\n' }], notes: [] };
  expect(await changes({ pullRequestNumber: 7 })).toEqual(expected);
  expect(await changes({ eventName: 'merge_group' })).toEqual(expected);
  expect(await changes({})).toEqual({ changes: [], notes: [] });
});

test('a file that is new has no before, and one that is removed no after', async () => {
  setFile(DEFAULT_IDENTITY.sha, '.github/plimsoll.yml', 'scan: {}\n');
  const found = await changes({ pullRequestNumber: 7 });
  expect(found.changes).toContainEqual({ path: '.github/plimsoll.yml', after: 'scan: {}\n' });
});

test('what cannot be read is a note', async () => {
  world.github.repositories.unreadable.add('acme/app');
  const { changes: none, notes } = await changes({ pullRequestNumber: 7 });
  world.github.repositories.unreadable.delete('acme/app');
  expect(none).toEqual([]);
  expect(notes).toHaveLength(1);
});
