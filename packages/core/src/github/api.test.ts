import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttp } from '../runtime/http.ts';
import { recordingClock, startAnsweringServer } from '@plimsoll/testkit/github/answering-server';
import { createGitHubApi } from './api.ts';

type Server = Awaited<ReturnType<typeof startAnsweringServer>>;

let server: Server;
let clock: ReturnType<typeof recordingClock>;
beforeEach(async () => {
  server = await startAnsweringServer();
  clock = recordingClock();
});
afterEach(() => server.stop());

const http = createHttp();
const api = () => createGitHubApi({ apiUrl: `${server.url}/api/v3`, token: 'ghs_x', http, clock });

async function collect<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}

/** The header's value for so many seconds from now. */
function resetIn(seconds: number): string {
  return String(clock.now().getTime() / 1000 + seconds);
}

describe('createGitHubApi', () => {
  it('sends token, version and query below the root', async () => {
    server.answers.push({ status: 200, body: { id: 7 } });
    expect(await api().get('/repos/acme/app', { ref: 'a b' })).toEqual({ id: 7 });
    expect(server.requests[0]?.url).toBe('/api/v3/repos/acme/app?ref=a+b');
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer ghs_x',
      'x-github-api-version': '2022-11-28',
    });
  });

  it('follows pages, and takes the token to no other host', async () => {
    server.answers.push(
      {
        status: 200,
        body: [1, 2],
        headers: { link: `<${server.url}/next?page=2>; rel="next", <${server.url}/>; rel="last"` },
      },
      {
        status: 200,
        body: [3],
        headers: { link: `<${server.url.replace('127.0.0.1', 'localhost')}/more>; rel="next"` },
      },
      { status: 200, body: [] },
    );
    await collect(api().pages('/list')).catch(() => {});
    expect(server.requests[0]?.url).toBe('/api/v3/list?per_page=100');
    expect(server.requests[1]?.headers.authorization).toBe('Bearer ghs_x');
    expect(server.requests[2]?.headers.authorization).toBeUndefined();
  });

  it.each([
    ['github-denied', { status: 401, body: { message: 'Bad credentials' } }],
    ['github-denied', { status: 403, body: { message: 'Resource not accessible by integration' } }],
    ['github-denied', { status: 422, body: {} }],
    ['github-not-found', { status: 404, body: {} }],
    ['github-protocol', { status: 200, body: '<html>' }],
    ['github-protocol', { status: 304 }],
  ])('maps to %s at once: %j', async (code, answer) => {
    server.answers.push(answer);
    await expect(api().get('/x')).rejects.toMatchObject({ code });
    expect(server.requests).toHaveLength(1);
  });

  it('names the permission that GitHub names', async () => {
    const headers = { 'x-accepted-github-permissions': 'pull_requests=write,contents=read; issues=write' };
    server.answers.push({ status: 403, headers, body: {} });
    await expect(api().get('/x')).rejects.toMatchObject({
      hint: expect.stringContaining('permissions: pull-requests: write, contents: read'),
    });
  });

  it('tries again after a reset and a server error, and gives up in the end', async () => {
    server.answers.push('reset', { status: 502 }, { status: 200, body: 1 });
    expect(await api().get('/x')).toBe(1);
    server.answers.push({ status: 500 }, { status: 500 }, { status: 500 }, { status: 500 });
    await expect(api().get('/x')).rejects.toMatchObject({ code: 'github-unreachable' });
    expect(server.requests).toHaveLength(7);
  });

  it('does not repeat a POST whose outcome is unknown', async () => {
    server.answers.push('reset');
    await expect(api().send({ method: 'POST', path: '/x', body: {} })).rejects.toMatchObject({
      code: 'github-unreachable',
    });
    server.answers.push({ status: 502 });
    expect(await api().send({ method: 'POST', path: '/x', body: {} })).toMatchObject({ status: 502 });
    expect(server.requests).toHaveLength(2);
  });

  it('waits as long as the rate limit says, but not for an hour', async () => {
    server.answers.push(
      { status: 429, headers: { 'retry-after': '7' }, body: {} },
      { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': resetIn(30) }, body: {} },
      { status: 403, body: { message: 'You have exceeded a secondary rate limit.' } },
      { status: 200, body: 1 },
    );
    expect(await api().get('/x')).toBe(1);
    expect(clock.waits).toEqual([7_000, 30_000, 60_000]);
    server.answers.push({
      status: 403,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': resetIn(3600) },
      body: {},
    });
    await expect(api().get('/x')).rejects.toMatchObject({
      code: 'github-rate-limited',
      hint: expect.stringContaining('2026-11-21T11:00:00'),
    });
  });
});
