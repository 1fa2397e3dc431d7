import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttp } from '../runtime/http.ts';
import { recordingClock, startAnsweringServer } from '@plimsoll/testkit/github/answering-server';
import { createGitHubApi } from './api.ts';
import { readPolicyFile } from './contents.ts';

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

const file = (bytes: Buffer) => ({
  status: 200,
  body: {
    type: 'file',
    encoding: 'base64',
    size: bytes.length,
    content: bytes.toString('base64').replace(/.{60}/g, '$&\n'),
  },
});
describe('readPolicyFile', () => {
  const address = { repository: 'acme/app', path: '.github/plimsoll ü.yml', ref: 'main' };
  it('finds the file', async () => {
    const bytes = Buffer.from('scan: {}\n'.repeat(20));
    server.answers.push(file(bytes));
    expect(await readPolicyFile(api(), address)).toEqual({ found: true, bytes });
    expect(server.requests[0]?.url).toBe('/api/v3/repos/acme/app/contents/.github/plimsoll%20%C3%BC.yml?ref=main');
  });

  it('is sure that there is none when the repository can be read', async () => {
    server.answers.push({ status: 404, body: {} }, { status: 200, body: [{ name: 'README.md' }] });
    expect(await readPolicyFile(api(), address)).toEqual({ found: false });
    expect(server.requests[1]?.url).toBe('/api/v3/repos/acme/app/contents/?ref=main');
  });

  it.each([
    ['403 on the file', [{ status: 403, body: {} }]],
    ['401 on the file', [{ status: 401, body: {} }]],
    [
      '404 on file and repository',
      [
        { status: 404, body: {} },
        { status: 404, body: {} },
      ],
    ],
    [
      '403 on the repository',
      [
        { status: 404, body: {} },
        { status: 403, body: {} },
      ],
    ],
  ])('cannot tell after %s', async (_name, given) => {
    server.answers.push(...given);
    await expect(readPolicyFile(api(), address)).rejects.toMatchObject({
      code: 'policy-unreadable',
      hint: expect.stringContaining('permissions: contents: read'),
    });
  });

  it.each([
    ['a directory', { status: 200, body: [] }],
    ['a submodule', { status: 200, body: { type: 'submodule' } }],
    ['a file without content', { status: 200, body: { type: 'file', encoding: 'none', size: 2_000_000, content: '' } }],
    ['a file cut short', { status: 200, body: { type: 'file', encoding: 'base64', size: 9, content: 'YQ==' } }],
  ])('refuses %s', async (_name, answer) => {
    server.answers.push(answer);
    await expect(readPolicyFile(api(), address)).rejects.toMatchObject({ code: 'policy-invalid' });
  });
});
