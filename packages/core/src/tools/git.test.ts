import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commitTime } from './git.ts';

let dir: string;
let sha: string;
const env = { PATH: process.env['PATH'], TMPDIR: tmpdir() };

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'git-'));
  const who = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' };
  const dates = { GIT_AUTHOR_DATE: '2020-01-01T00:00:00Z', GIT_COMMITTER_DATE: '2026-11-20T10:00:05+02:00' };
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: dir, env: { ...env, ...who, ...dates }, encoding: 'utf8' }).trim();
  git('init', '--quiet');
  git('commit', '--quiet', '--allow-empty', '--message', '1234567890');
  sha = git('rev-parse', 'HEAD');
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('commitTime', () => {
  it('is when the commit was made, not when it was written', async () => {
    expect(await commitTime(dir, sha, { env })).toEqual(new Date('2026-11-20T08:00:05Z'));
  });

  it.each<readonly [string, () => Parameters<typeof commitTime>]>([
    ['of a commit that is not there', () => [dir, 'e'.repeat(40), { env }]],
    ['outside a repository', () => [tmpdir(), sha, { env }]],
    ['without git', () => [dir, sha, { env: { PATH: '/nowhere' } }]],
    ['of what is no commit', () => [dir, '--help', { env }]],
  ])('is not known %s', async (_name, args) => {
    expect(await commitTime(...args())).toBeUndefined();
  });

  it('ends when the job is cancelled', async () => {
    await expect(commitTime(dir, sha, { env, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});
