import { CommitList } from '@plimsoll/testkit/github/commit-list';
import { describe, expect, it } from 'vitest';
import type { GitHubApi } from '../../github/api.ts';
import { commitHistory } from '../../github/commit-history.ts';
import type { GitHubContext } from '../../github/context.ts';
import { commitOf, unbuiltCommit } from './unbuilt-commit.ts';

const [newest = '', tagged = '', middle = '', oldest = ''] = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(40));
const stray = 'e'.repeat(40);
const label = 'ghcr.io/acme/app';

function hosted() {
  const commits = new CommitList();
  commits.branch.push(newest, tagged, middle, oldest);
  commits.strays.set(stray, middle);
  const send: GitHubApi['send'] = async ({ path, query }) => {
    const url = new URL(`http://127.0.0.1${path}?${new URLSearchParams(query)}`);
    const { status, body } = commits.handle('GET', url) ?? { status: 404, body: {} };
    return { status, headers: {}, text: JSON.stringify(body), request: path };
  };
  const github = { repository: 'acme/app', defaultBranch: 'main' } as GitHubContext;
  return { commits, history: (commit: string) => commitHistory(commit, { api: { send } as GitHubApi, github }) };
}

async function explained(commit: string, built: readonly string[], denied = false) {
  const { commits, history } = hosted();
  commits.denied = denied;
  const tags = async () => [...built.map((each) => `sha-${each}`), 'main', `sha-${newest}-7-1`, 'sha-abc'];
  const { code, message, hint } = await unbuiltCommit(commit, { label, tags }, await history(commit));
  return { code, message, hint };
}

describe('a tag on a commit that was never built', () => {
  it('is told the nearest commits before it that have an image, and none that come after', async () => {
    const { code, message } = await explained(tagged, [oldest, newest, middle]);
    expect(code).toBe('commit-unbuilt');
    const before = `these commits before it have one: sha-${middle}, sha-${oldest}.`;
    expect(message).toBe(`${label} has no image for sha-${tagged}: ${before}`);
  });

  it('is told where the default branch does not have it', async () => {
    const { message, hint } = await explained(stray, [oldest]);
    expect(message).toContain(`sha-${oldest}. The commit is not on main.`);
    expect(hint).toContain('Merge it into main');
  });

  it('is told that none has one', async () => {
    expect((await explained(oldest, [newest])).message).toContain('none of the 1 commits up to it has one');
    expect((await explained(tagged, [])).message).toContain('no commit has one');
  });

  it('is told what the registry knows where nobody tells the history', async () => {
    const { message } = await explained(tagged, [oldest, newest], true);
    expect(message).toContain(`these commits have one: sha-${newest}, sha-${oldest}.`);
    expect(message).not.toContain('main');
  });
});

describe('commitOf', () => {
  it.each([
    [`sha-${tagged}`, tagged],
    [`sha-${tagged}-7-1`, undefined],
    ['sha-bbbbbbb', undefined],
    ['main', undefined],
  ])('of %s is %s', (tag, commit) => expect(commitOf(tag)).toBe(commit));
});
