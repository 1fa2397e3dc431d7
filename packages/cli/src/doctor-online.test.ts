import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { examineOnline } from './doctor-online.ts';

type Routes = Record<string, { readonly status?: number; readonly body: unknown }>;

/** A healthy public repository, as the REST API describes it. */
const HEALTHY: Routes = {
  '/repos/Acme/App': { body: { default_branch: 'main', private: false } },
  '/repos/Acme/App/rules/branches/main': {
    body: [{ type: 'required_status_checks', parameters: { strict_required_status_checks_policy: true } }],
  },
  '/repos/Acme/App/branches/main': { body: { protected: true } },
  '/repos/Acme/App/actions/permissions': { body: { enabled: true, allowed_actions: 'all' } },
  '/repos/Acme/App/actions/secrets': { body: { secrets: [{ name: 'QUAY_USERNAME' }] } },
  '/repos/Acme/App/actions/organization-secrets': { body: { secrets: [{ name: 'QUAY_PASSWORD' }] } },
  '/orgs/acme/packages/container/app': { body: { visibility: 'public' } },
};

let server: Server;
let routes: Routes;
let clone: string;

beforeEach(async () => {
  routes = { ...HEALTHY };
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://host');
    const { status = 200, body } = routes[pathname] ?? { status: 404, body: {} };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  clone = mkdtempSync(path.join(tmpdir(), 'plimsoll-doctor-'));
  execFileSync('git', ['-C', clone, 'init', '--quiet']);
  mkdirSync(path.join(clone, '.github/workflows'), { recursive: true });
  const secrets = 'secrets: { username: "${{ secrets.QUAY_USERNAME }}", password: "${{ secrets.QUAY_PASSWORD }}" }';
  writeFileSync(path.join(clone, '.github/workflows/ci.yml'), `jobs: { quay: { ${secrets} } }\n`);
});
afterEach(() => {
  server.close();
  rmSync(clone, { recursive: true });
});

const examine = (token = 'token') =>
  examineOnline({
    directory: clone,
    repository: { name: 'Acme/App', commit: undefined, committedAt: undefined, ref: undefined },
    env: { GITHUB_TOKEN: token, GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
  });
const notWell = async (token?: string) => (await examine(token)).filter(({ state }) => state !== 'ok');

describe('plimsoll doctor, asking GitHub', () => {
  it('finds nothing wrong with a healthy repository', async () => {
    expect(await notWell()).toEqual([]);
    expect(await examine()).toHaveLength(7);
  });

  it('does not ask without a token, and says so', async () => {
    expect(await notWell('')).toEqual([expect.objectContaining({ state: 'unknown' })]);
  });

  it.each<[string, Routes, string, string]>([
    ['a token that expired', { '/repos/Acme/App': { status: 401, body: {} } }, 'problem', 'GITHUB_TOKEN'],
    ['a token without access', { '/repos/Acme/App': { status: 404, body: {} } }, 'problem', 'Metadata'],
    ['a server that breaks', { '/repos/Acme/App': { status: 501, body: {} } }, 'problem', ''],
    [
      'a default branch that everybody may push to',
      {
        '/repos/Acme/App/rules/branches/main': { body: [] },
        '/repos/Acme/App/branches/main': { body: { protected: false } },
      },
      'problem',
      '/settings/rules',
    ],
    [
      'checks that may be out of date',
      { '/repos/Acme/App/rules/branches/main': { body: [{ type: 'pull_request' }] } },
      'unknown',
      '/settings/rules',
    ],
    [
      'Actions that are off',
      { '/repos/Acme/App/actions/permissions': { body: { enabled: false } } },
      'problem',
      '/settings/actions',
    ],
    [
      'settings that only administrators see',
      { '/repos/Acme/App/actions/permissions': { status: 403, body: {} } },
      'unknown',
      '/settings/actions',
    ],
    [
      'actions that are not on the list',
      {
        '/repos/Acme/App/actions/permissions': { body: { enabled: true, allowed_actions: 'selected' } },
        '/repos/Acme/App/actions/permissions/selected-actions': { body: { patterns_allowed: ['acme/*'] } },
      },
      'problem',
      'plimsoll-ci/plimsoll@*',
    ],
    [
      'a secret that nobody set',
      { '/repos/Acme/App/actions/organization-secrets': { body: { secrets: [] } } },
      'problem',
      'gh secret set QUAY_PASSWORD',
    ],
    [
      'secrets that it may not list',
      { '/repos/Acme/App/actions/secrets': { status: 403, body: {} } },
      'unknown',
      'QUAY_PASSWORD, QUAY_USERNAME',
    ],
    [
      'a private package of a public repository',
      { '/orgs/acme/packages/container/app': { body: { visibility: 'private' } } },
      'unknown',
      'Change visibility',
    ],
    [
      'a package that it may not see',
      { '/orgs/acme/packages/container/app': { status: 403, body: {} } },
      'unknown',
      'read:packages',
    ],
  ])('tells %s', async (_what, changed, state, hint) => {
    routes = { ...HEALTHY, ...changed };
    expect(await notWell()).toEqual([expect.objectContaining({ state, hint: expect.stringContaining(hint) })]);
  });

  it('takes a list that has our actions on it', async () => {
    routes['/repos/Acme/App/actions/permissions'] = { body: { enabled: true, allowed_actions: 'selected' } };
    routes['/repos/Acme/App/actions/permissions/selected-actions'] = {
      body: { patterns_allowed: ['plimsoll-ci/plimsoll@*'] },
    };
    expect(await notWell()).toEqual([]);
  });

  it('knows that a first run creates the package', async () => {
    routes['/orgs/acme/packages/container/app'] = { status: 404, body: {} };
    expect(await notWell()).toEqual([]);
  });
});
