import { recordingClock } from '@plimsoll/testkit/github/answering-server';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttp } from '../runtime/http.ts';
import { type Log, silentLog } from '../runtime/log.ts';
import { createGitHubApi } from './api.ts';
import type { GitHubContext } from './context.ts';
import { commentOnPullRequest, putStickyComment } from './sticky-comment.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld({ parts: ['github'] });
});
afterEach(() => world.close());

const http = createHttp();
const api = () =>
  createGitHubApi({ apiUrl: world.github.apiUrl, token: world.github.token, http, clock: recordingClock() });
const put = (markdown: string, marker = 'prune') =>
  putStickyComment({ repository: 'acme/app', pullRequest: 7, marker, markdown }, api());
const bodies = () => world.github.comments.all.map(({ body }) => body);
const writes = () => world.github.requests.filter(({ method }) => method !== 'GET').map(({ method }) => method);
const others = { repository: 'acme/app', pullRequest: 7 };

describe('putStickyComment', () => {
  it('creates one, changes it, and leaves it alone when it says the same', async () => {
    const answers = [await put('# Plan 1'), await put('# Plan 2'), await put('# Plan 2')];
    expect(answers.map(({ status }) => status)).toEqual(['created', 'updated', 'unchanged']);
    expect(bodies()).toEqual(['<!-- plimsoll: prune -->\n# Plan 2\n']);
    expect(writes()).toEqual(['POST', 'PATCH']);
  });

  it('keeps apart what has another marker, and one that is on a later page', async () => {
    await put('first');
    for (let number = 0; number < 120; number += 1)
      world.github.comments.add({ ...others, author: 'mona', isBot: false, body: `talk ${number}` });
    await put('scan', 'scan');
    expect([(await put('scan 2', 'scan')).status, (await put('first')).status]).toEqual(['updated', 'unchanged']);
    expect(bodies().filter((body) => body.startsWith('<!--'))).toHaveLength(2);
  });

  it('never takes the comment of another person for its own', async () => {
    const forged = { ...others, author: 'mallory', isBot: false, body: '<!-- plimsoll: prune -->\nall is well\n' };
    world.github.comments.add(forged);
    expect((await put('the truth')).status).toBe('created');
    expect(bodies()).toEqual([forged.body, '<!-- plimsoll: prune -->\nthe truth\n']);
  });

  it('takes the comment of the person whose token it has', async () => {
    world.github.comments.add({ ...others, author: 'mona', isBot: false, body: '<!-- plimsoll: prune -->\nold\n' });
    world.github.intercept = ({ path }) => (path === '/user' ? { status: 200, body: { login: 'mona' } } : undefined);
    expect((await put('new')).status).toBe('updated');
  });

  it('creates it again when it was deleted in the meantime', async () => {
    await put('one');
    world.github.intercept = ({ method }) => (method === 'PATCH' ? { status: 404, body: {} } : undefined);
    expect((await put('two')).status).toBe('created');
  });

  it('is declined without the permission, and names it', async () => {
    world.github.comments.readOnly = true;
    const answer = await put('x');
    expect(answer).toMatchObject({ status: 'declined', todo: expect.stringContaining('pull-requests: write') });
  });

  it('cuts what GitHub would not take at a line, and closes what was open', async () => {
    await put(`<details><summary>all</summary>\n\n${'| a row of a table |\n'.repeat(5_000)}\n</details>`);
    const [body = ''] = bodies();
    expect(body.length).toBeLessThan(65_536);
    expect(body.match(/<details>/g)?.length).toBe(body.match(/<\/details>/g)?.length);
    expect(body).toContain('in the job summary');
  });

  it('cannot be ended by its own marker', async () => {
    await put('x', 'a --> <b>\nc');
    const [body = ''] = bodies();
    expect(body.indexOf('-->')).toBe(body.indexOf('\n') - 3);
    expect((await put('x', 'a --> <b>\nc')).status).toBe('unchanged');
  });
});

describe('commentOnPullRequest', () => {
  const warnings: string[] = [];
  const log: Log = { ...silentLog, warning: (text) => warnings.push(text) };
  const say = (pullRequestNumber: number | undefined) => {
    const github = { repository: 'acme/app', pullRequestNumber } as GitHubContext;
    return commentOnPullRequest({ marker: 'prune', markdown: 'x' }, { github, api: api(), log });
  };
  beforeEach(() => warnings.splice(0));

  it('comments only on pull requests', async () => {
    await say(undefined);
    await say(7);
    expect([bodies().length, warnings]).toEqual([1, []]);
  });

  it.each([403, 404, 500])('only warns when GitHub answers %s', async (status) => {
    world.github.intercept = ({ method }) => (method === 'POST' ? { status, body: {} } : undefined);
    await say(7);
    expect(warnings).toHaveLength(1);
  });
});
