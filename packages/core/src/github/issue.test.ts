import { recordingClock } from '@plimsoll/testkit/github/answering-server';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttp } from '../runtime/http.ts';
import { createGitHubApi } from './api.ts';
import { closeIssue, putIssue, type StandingIssue } from './issue.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld({ parts: ['github'] });
});
afterEach(() => world.close());

const http = createHttp();
const api = () =>
  createGitHubApi({ apiUrl: world.github.apiUrl, token: world.github.token, http, clock: recordingClock() });
const issueOf = (name: string, markdown = `report of ${name}`): StandingIssue => ({
  repository: 'acme/app',
  marker: 'scan app',
  title: 'The scan of app fails',
  part: { name, markdown, pointer: 'More in the run.' },
});
const put = async (name: string, markdown?: string) => (await putIssue(issueOf(name, markdown), api())).status;
const close = async (name: string) => (await closeIssue(issueOf(name), api())).status;
const all = () => world.github.issues.all;
const open = () => all().filter(({ state }) => state === 'open');

describe('an issue of several digests', () => {
  it('is closed when the last that fails passes, and not before', async () => {
    expect([await put('a'), await close('b'), await put('b'), await put('b')]).toEqual([
      'opened',
      'unchanged',
      'updated',
      'unchanged',
    ]);
    expect(open()).toHaveLength(1);
    expect(open()[0]?.body).toMatch(/part a -->\nreport of a\n\n<!-- plimsoll: part b -->\nreport of b/);
    expect(await close('a')).toBe('updated');
    expect(open()[0]?.body).not.toContain('report of a');
    expect(await close('b')).toBe('closed');
    expect(all()).toMatchObject([{ state: 'closed', body: expect.stringContaining('report of b') }]);
  });

  it('says what is new of each', async () => {
    await put('a');
    await put('b');
    expect(await put('a', 'worse')).toBe('updated');
    expect(open()[0]?.body).toMatch(/part a -->\nworse\n\n<!-- plimsoll: part b -->\nreport of b/);
  });

  it('without a verdict tells of what is in it already, and of nothing else', async () => {
    await put('a');
    expect((await putIssue(issueOf('b'), api(), false)).status).toBe('none');
    expect((await putIssue(issueOf('a', 'unknown'), api(), false)).status).toBe('updated');
  });

  it('reads what a person has edited in the browser', async () => {
    await put('a');
    await put('b');
    const [issue] = open();
    if (issue !== undefined)
      issue.body = issue.body.replace(/<!-- plimsoll: part a -->\n.*\n/, '').replaceAll('\n', '\r\n');
    expect(await close('b')).toBe('closed');
  });

  it('gathers those that jobs opened at the same time', async () => {
    await put('a');
    const [first] = open();
    if (first !== undefined) all().push({ ...first, number: 2, body: first.body.replaceAll('part a', 'part b') });
    expect(await put('c')).toBe('updated');
    expect(open()).toMatchObject([{ number: 1, body: expect.stringMatching(/part a[^]*part b[^]*part c/) }]);
  });

  it('closes one that knew no parts', async () => {
    await put('a');
    const [issue] = open();
    if (issue !== undefined) issue.body = '<!-- plimsoll: scan app -->\n## Scan failed\n';
    expect(await close('b')).toBe('closed');
  });

  it('has room for each, and closes what it cuts', async () => {
    const long = `<details><summary>all</summary>\n\n${'| a row |\n'.repeat(9_000)}\n</details>`;
    for (const name of ['a', 'b', 'c']) await put(name, long);
    const body = open()[0]?.body ?? '';
    expect(Buffer.byteLength(body)).toBeLessThan(65_536);
    expect(body.match(/<\/details>/g)).toHaveLength(3);
    expect(body).toContain('More in the run.');
  });
});

describe('whose issue it is', () => {
  const forged = {
    number: 1,
    repository: 'acme/app',
    labels: ['plimsoll'],
    title: 't',
    body: '<!-- plimsoll: scan app -->\n<!-- plimsoll: part a -->\nold\n',
    state: 'open' as const,
  };

  it('is that of the account whose token it is', async () => {
    world.github.issues.all.push({ ...forged, isBot: false, author: 'mona' });
    world.github.intercept = ({ path }) => (path === '/user' ? { status: 200, body: { login: 'mona' } } : undefined);
    expect([await put('a'), await put('a'), await close('a')]).toEqual(['updated', 'unchanged', 'closed']);
  });

  it('is never that of somebody else', async () => {
    world.github.issues.all.push({ ...forged, isBot: false, author: 'mallory' });
    expect(await put('a')).toBe('opened');
  });
});
