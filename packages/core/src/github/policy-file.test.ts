import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../oci/digest.ts';
import { createHttp } from '../runtime/http.ts';
import { recordingClock, startAnsweringServer } from '@plimsoll/testkit/github/answering-server';
import { createGitHubApi } from './api.ts';
import { readContext } from './context.ts';
import { loadLocalPolicy, loadPolicyFile } from './policy-file.ts';

type Server = Awaited<ReturnType<typeof startAnsweringServer>>;

let server: Server;
beforeEach(async () => {
  server = await startAnsweringServer();
});
afterEach(() => server.stop());

const http = createHttp();
const absent = [
  { status: 404, body: {} },
  { status: 200, body: [] },
];

function load(request: { path?: string; ref?: string }, defaultBranch: string | undefined = 'trunk') {
  const api = createGitHubApi({ apiUrl: server.url, token: 't', http, clock: recordingClock() });
  const context = readContext({
    GITHUB_REPOSITORY: 'acme/app',
    GITHUB_SHA: 'a'.repeat(40),
    GITHUB_REF: 'refs/pull/7/merge',
    GITHUB_EVENT_NAME: 'pull_request',
  });
  return loadPolicyFile({ path: request.path, ref: request.ref }, { api, github: { ...context, defaultBranch } });
}

function file(text: string) {
  const bytes = Buffer.from(text);
  return {
    status: 200,
    body: { type: 'file', encoding: 'base64', size: bytes.length, content: bytes.toString('base64') },
  };
}

describe('loadPolicyFile', () => {
  it('reads the default branch, whatever the run is for', async () => {
    const text = 'scan: { fixable-only: true }\n';
    server.answers.push(file(text));
    const loaded = await load({});
    expect(server.requests[0]?.url).toBe('/repos/acme/app/contents/.github/plimsoll.yml?ref=trunk');
    expect(loaded).toMatchObject({
      isDefault: false,
      label: 'acme/app/.github/plimsoll.yml@trunk',
      digest: digestOf(Buffer.from(text)),
      policy: { scan: { fixableOnly: true } },
    });
  });

  it('asks the API for the default branch when the event does not say', async () => {
    server.answers.push({ status: 200, body: { default_branch: 'main' } }, ...absent);
    const api = { path: undefined, ref: undefined };
    const context = readContext({
      GITHUB_REPOSITORY: 'acme/app',
      GITHUB_SHA: 'a'.repeat(40),
      GITHUB_REF: 'refs/heads/main',
      GITHUB_EVENT_NAME: 'schedule',
    });
    const loaded = await loadPolicyFile(api, {
      api: createGitHubApi({ apiUrl: server.url, token: 't', http, clock: recordingClock() }),
      github: context,
    });
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/repos/acme/app',
      '/repos/acme/app/contents/.github/plimsoll.yml?ref=main',
      '/repos/acme/app/contents/?ref=main',
    ]);
    expect(loaded).toMatchObject({ isDefault: true, label: 'the defaults' });
  });

  it.each([[{ path: 'ci/policy.yml' }], [{ ref: 'policies' }]])(
    'does not do without the file that %j names',
    async (request) => {
      server.answers.push(...absent);
      await expect(load(request)).rejects.toMatchObject({ code: 'input-invalid' });
    },
  );

  it.each(['/etc/passwd', '../other/contents/x'])('asks nobody for %s', async (named) => {
    await expect(load({ path: named })).rejects.toMatchObject({ code: 'input-invalid' });
    expect(server.requests).toHaveLength(0);
  });

  it('names file, line and column of a mistake', async () => {
    server.answers.push(file('scan:\n  fixable: true\n'));
    await expect(load({})).rejects.toMatchObject({
      code: 'policy-invalid',
      message: expect.stringContaining('.github/plimsoll.yml:2:3'),
    });
  });
});

describe('the policy of a command line', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-policy-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const named = (text: string) => {
    const PLIMSOLL_POLICY_FILE = path.join(folder, 'policy.yml');
    writeFileSync(PLIMSOLL_POLICY_FILE, text);
    return { PLIMSOLL_POLICY_FILE };
  };

  it('is a file of the machine', async () => {
    const text = 'scan:\n  fixable-only: true\n';
    const loaded = await loadLocalPolicy(named(text));
    expect(loaded).toMatchObject({ isDefault: false, digest: digestOf(Buffer.from(text)) });
    expect(loaded?.policy.scan.fixableOnly).toBe(true);
  });

  it('is the defaults where there is none', async () => {
    expect(await loadLocalPolicy({ PLIMSOLL_POLICY_FILE: 'none' })).toMatchObject({ isDefault: true });
  });

  it('is not heard inside Actions, where an earlier step could have set it', async () => {
    expect(await loadLocalPolicy({ ...named('{}'), GITHUB_ACTIONS: 'true' })).toBeUndefined();
    expect(await loadLocalPolicy({})).toBeUndefined();
  });

  it('has to be there, and to be right', async () => {
    const missing = { PLIMSOLL_POLICY_FILE: path.join(folder, 'missing.yml') };
    await expect(loadLocalPolicy(missing)).rejects.toMatchObject({ code: 'policy-unreadable' });
    await expect(loadLocalPolicy(named('scan: 1'))).rejects.toMatchObject({ code: 'policy-invalid' });
  });
});
