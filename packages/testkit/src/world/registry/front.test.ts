import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { PackagesLedger, RecordedManifest } from '../../github/ledger.ts';
import { Forwarder } from '../forward.ts';
import { Lifetime } from '../lifetime.ts';
import { readBody, sendJson, serveLocally } from '../local-server.ts';
import { RegistryFront } from './front.ts';
import { ghcrManners } from './ghcr-manners.ts';
import { TokenAuth } from './token-auth.ts';

const lifetime = new Lifetime();
const pushed: RecordedManifest[] = [];
const deleted = new Set<string>();
const ledger: PackagesLedger = {
  recordManifest: (manifest) => void pushed.push(manifest),
  recordTag: () => {},
  recordRead: () => {},
  state: (_name, reference) => (deleted.has(reference) ? 'deleted' : 'unknown'),
  handle: () => Promise.resolve(undefined),
};
let url = '';
let front: RegistryFront;

/** The least a front needs behind it: keeps nothing, and echoes. */
async function startBackend(): Promise<{ host: string; port: number }> {
  const { host } = await serveLocally(lifetime, async (request, response) => {
    if (request.url?.endsWith('/broken')) {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('begun', () => response.destroy());
      return;
    }
    const body = await readBody(request);
    if (request.url?.endsWith('/tags/list')) {
      return sendJson(response, { status: 200, body: { name: 'acme/app', tags: ['v1', 'v2'] } });
    }
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    const status = request.method === 'PUT' ? 201 : 200;
    response.writeHead(status, { 'docker-content-digest': digest, 'oci-subject': 'sha256:0' });
    response.end(request.method === 'PUT' ? '' : `echo ${request.url}`);
  });
  const [name = '', port = ''] = host.split(':');
  return { host: name, port: Number(port) };
}

beforeAll(async () => {
  const forwarder = new Forwarder(await startBackend());
  const auth = new TokenAuth({
    service: 'ghcr.io',
    path: '/token',
    scheme: 'http',
    isPublic: (name) => name === 'acme/public',
  });
  auth.accounts.push({ password: 'all', actions: ['pull', 'push', 'delete'] });
  auth.accounts.push({ password: 'read', actions: ['pull'] });
  front = new RegistryFront({ auth, tokenPath: '/token', forwarder, manners: ghcrManners(ledger) });
  ({ url } = await serveLocally(lifetime, front.handle));
});

beforeEach(() => {
  front.intercept = undefined;
  front.requests.length = 0;
});

afterAll(() => lifetime.close());

const basic = (password: string) => ({ authorization: `Basic ${Buffer.from(`any:${password}`).toString('base64')}` });
const direct = (password: string) => ({ authorization: `Bearer ${Buffer.from(password).toString('base64')}` });

async function tokenFor(password: string, scope: string): Promise<{ authorization: string }> {
  const response = await fetch(`${url}/token?service=ghcr.io&scope=${scope}`, { headers: basic(password) });
  const { token } = (await response.json()) as { token: string };
  return { authorization: `Bearer ${token}` };
}

test('a request without a token is challenged with the scope it needs', async () => {
  const read = await fetch(`${url}/v2/acme/app/manifests/v1`);
  expect(read.status).toBe(401);
  expect(read.headers.get('www-authenticate')).toBe(
    `Bearer realm="${url}/token",service="ghcr.io",scope="repository:acme/app:pull"`,
  );
  const write = await fetch(`${url}/v2/acme/app/blobs/uploads/`, { method: 'POST' });
  expect(write.headers.get('www-authenticate')).toContain('scope="repository:acme/app:pull,push"');
});

test('a token is good for its scope only', async () => {
  const headers = await tokenFor('all', 'repository:acme/app:pull');
  expect((await fetch(`${url}/v2/acme/app/manifests/v1`, { headers })).status).toBe(200);
  expect((await fetch(`${url}/v2/acme/other/manifests/v1`, { headers })).status).toBe(401);
  expect((await fetch(`${url}/v2/acme/app/manifests/v1`, { method: 'PUT', headers })).status).toBe(401);
});

test('a wrong password is denied, and an account may not do more than it may', async () => {
  expect((await fetch(`${url}/token?scope=repository:acme/app:pull`, { headers: basic('no') })).status).toBe(403);
  expect((await fetch(`${url}/token?scope=repository:acme/app:pull`)).status).toBe(401);
  const headers = await tokenFor('read', 'repository:acme/app:pull,push');
  expect((await fetch(`${url}/v2/acme/app/blobs/uploads/`, { method: 'POST', headers })).status).toBe(403);
  expect((await fetch(`${url}/token?scope=repository:acme/public:pull`)).status).toBe(200);
});

test('the personal token works as a bearer token in base64, until tokens are revoked the others too', async () => {
  expect((await fetch(`${url}/v2/`, { headers: direct('all') })).status).toBe(200);
  const headers = await tokenFor('all', 'repository:acme/app:pull');
  front.auth.revokeTokens();
  expect((await fetch(`${url}/v2/acme/app/manifests/v1`, { headers })).status).toBe(401);
});

test('pushed manifests become package versions, and no subject is acknowledged', async () => {
  const headers = { ...direct('all'), 'content-type': 'application/vnd.oci.image.index.v1+json' };
  const response = await fetch(`${url}/v2/acme/app/web/manifests/v9`, { method: 'PUT', headers, body: '{}' });
  expect(response.status).toBe(201);
  expect(response.headers.get('oci-subject')).toBeNull();
  expect(pushed.at(-1)).toMatchObject({
    owner: 'acme',
    pkg: 'app/web',
    tags: ['v9'],
    mediaType: headers['content-type'],
  });
  expect(pushed.at(-1)?.bytes.toString()).toBe('{}');
});

test('there is no referrers API and no deletion, and what REST deleted is gone', async () => {
  const headers = direct('all');
  expect((await fetch(`${url}/v2/acme/app/referrers/sha256:00`, { headers })).status).toBe(404);
  expect((await fetch(`${url}/v2/acme/app/manifests/sha256:00`, { method: 'DELETE', headers })).status).toBe(405);
  deleted.add('v1');
  expect((await fetch(`${url}/v2/acme/app/manifests/v1`, { headers })).status).toBe(404);
  const list = (await (await fetch(`${url}/v2/acme/app/tags/list`, { headers })).json()) as { tags: string[] };
  expect(list.tags).toEqual(['v2']);
});

test('a test can answer in the registry’s place or cut the connection, and sees what was asked', async () => {
  front.intercept = () => ({ status: 429, body: {}, headers: { 'retry-after': '1.5ms' } });
  expect((await fetch(`${url}/v2/`)).headers.get('retry-after')).toBe('1.5ms');
  front.intercept = () => 'reset';
  await expect(fetch(`${url}/v2/`)).rejects.toThrow(/fetch failed/);
  expect(front.requests).toMatchObject([
    { method: 'GET', path: '/v2/', status: 429, authenticated: false },
    { method: 'GET', path: '/v2/', status: 0 },
  ]);
});

test('a front outlives a client that goes away and a backend that breaks off', async () => {
  const headers = direct('all');
  const broken = await fetch(`${url}/v2/acme/app/manifests/broken`, { headers });
  await expect(broken.text()).rejects.toThrow(/terminated/);
  const gone = new AbortController();
  const body = new ReadableStream({
    pull: (controller) => {
      controller.enqueue(new Uint8Array(1024));
      gone.abort();
    },
  });
  const upload = { method: 'PUT', headers, body, duplex: 'half', signal: gone.signal } as RequestInit;
  await expect(fetch(`${url}/v2/acme/app/blobs/uploads/1`, upload)).rejects.toThrow(/aborted/);
  expect((await fetch(`${url}/v2/acme/app/manifests/v2`, { headers })).status).toBe(200);
});
