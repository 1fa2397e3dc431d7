import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttp } from '../runtime/http.ts';
import { recordingClock, startAnsweringServer } from '@plimsoll/testkit/github/answering-server';
import { requestIdToken } from './oidc.ts';

type Server = Awaited<ReturnType<typeof startAnsweringServer>>;

let server: Server;
let clock: ReturnType<typeof recordingClock>;
beforeEach(async () => {
  server = await startAnsweringServer();
  clock = recordingClock();
});
afterEach(() => server.stop());

const http = createHttp();
const env = () => ({
  ACTIONS_ID_TOKEN_REQUEST_URL: `${server.url}/token?api-version=2.0`,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runner-token',
});

const ask = (masked: string[] = []) =>
  requestIdToken(env(), 'sigstore', { http, clock, masker: { mask: (value) => masked.push(value) } });

describe('requestIdToken', () => {
  const jwt = ['{"alg":"RS256"}', '{"sub":"x"}', 'signature']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
  it('asks for the audience and masks both tokens', async () => {
    const masked: string[] = [];
    server.answers.push({ status: 200, body: { value: jwt } });
    expect(await ask(masked)).toBe(jwt);
    expect(server.requests[0]?.url).toBe('/token?api-version=2.0&audience=sigstore');
    expect(server.requests[0]?.headers.authorization).toBe('Bearer runner-token');
    expect(masked).toEqual(['runner-token', jwt]);
  });

  it('says which permission is missing, without a request', async () => {
    const masker = { mask: () => {} };
    await expect(requestIdToken({}, 'sigstore', { http, masker })).rejects.toMatchObject({
      code: 'oidc-unavailable',
      hint: expect.stringContaining('permissions: id-token: write'),
    });
  });

  it('tries again when that can help', async () => {
    server.answers.push('reset', { status: 503 }, { status: 200, body: { value: jwt } });
    expect(await ask()).toBe(jwt);
  });

  it.each([
    [{ status: 401, body: { value: jwt } }],
    [{ status: 200, body: { value: '' } }],
    [{ status: 200, body: { value: 'hunter2' } }],
    [{ status: 200, body: '<html>hunter2' }],
    [{ status: 302, headers: { location: '/elsewhere' } }],
  ])('fails at once on %j and quotes nothing', async (answer) => {
    server.answers.push(answer);
    const failure: unknown = await ask().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'oidc-failed' });
    expect(`${String(failure)} ${String((failure as Error).cause)}`).not.toContain('hunter2');
    expect(server.requests).toHaveLength(1);
  });
});
