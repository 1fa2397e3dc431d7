import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Lifetime } from '../world/lifetime.ts';
import { readBody, sendJson, serveLocally } from '../world/local-server.ts';
import type { PackageState } from './package-state.ts';
import type { PackagesEmulator } from './packages-emulator.ts';

/** A request to the registry plane, as it arrived. */
export interface RegistryRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** False for what is only told where to get a token. */
  readonly authorized: boolean;
}

/** The registry plane of emulated packages: manifests and tags, no blobs. */
export interface PackagesRegistry {
  /** `127.0.0.1:port`, plain HTTP. */
  readonly host: string;
  readonly requests: readonly RegistryRequest[];
  /** Called before a request is answered; true when it answered itself. The place for faults and races. */
  onRequest: ((request: RegistryRequest, response: ServerResponse) => boolean) | undefined;
}

const ROUTE = /^\/v2\/([^/]+)\/(.+)\/(manifests|tags|referrers)\/([^/]+)$/;
const PAGE = 1_000;
const BEARER = 'registry-token';

/**
 * Serves the manifests of the emulator's packages as ghcr.io does: Bearer tokens, 405 for DELETE, no
 * referrers API, tags oldest first with `Link`. A digest deleted through REST is gone at once.
 */
export async function servePackages(
  lifetime: Lifetime,
  emulator: PackagesEmulator,
  { token }: { readonly token: string },
): Promise<PackagesRegistry> {
  const requests: RegistryRequest[] = [];
  const registry: PackagesRegistry = { host: '', requests, onRequest: undefined };
  const { host } = await serveLocally(lifetime, async (incoming, response) => {
    const authorized = incoming.headers.authorization === `Bearer ${BEARER}`;
    const request = { method: incoming.method ?? 'GET', path: incoming.url ?? '/', authorized };
    requests.push(request);
    if (registry.onRequest?.(request, response) === true) return;
    if (request.path.startsWith('/token')) return sendToken(incoming, response, token);
    if (!authorized) return challenge(incoming, response);
    await answer(emulator, incoming, response);
  });
  return Object.assign(registry, { host });
}

function sendToken(incoming: IncomingMessage, response: ServerResponse, token: string): void {
  const [, password] = Buffer.from((incoming.headers.authorization ?? '').replace('Basic ', ''), 'base64')
    .toString()
    .split(':');
  if (password !== token) return fail(response, 401, 'UNAUTHORIZED');
  sendJson(response, { status: 200, body: { token: BEARER, expires_in: 300 } });
}

function challenge({ headers, url = '' }: IncomingMessage, response: ServerResponse): void {
  const name = ROUTE.exec(url.split('?')[0] ?? '');
  const scope = name === null ? '' : `,scope="repository:${name[1]}/${name[2]}:pull"`;
  const value = `Bearer realm="http://${headers.host}/token",service="ghcr.io"${scope}`;
  sendJson(response, { status: 401, body: errors('UNAUTHORIZED'), headers: { 'www-authenticate': value } });
}

async function answer(emulator: PackagesEmulator, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(incoming.url ?? '/', 'http://registry');
  const route = ROUTE.exec(url.pathname);
  if (route === null)
    return url.pathname === '/v2/'
      ? sendJson(response, { status: 200, body: {} })
      : fail(response, 404, 'NAME_UNKNOWN');
  const [, owner = '', pkg = '', kind, reference = ''] = route;
  const state = emulator.package({ owner, pkg });
  if (incoming.method === 'DELETE') return fail(response, 405, 'UNSUPPORTED');
  if (kind === 'referrers') return fail(response, 404, 'MANIFEST_UNKNOWN');
  if (kind === 'tags') return sendTags(state, url, response);
  if (incoming.method === 'PUT') return putManifest(state, reference, { incoming, response });
  sendManifest(state, reference, { incoming, response });
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
}

function sendTags(state: PackageState, url: URL, response: ServerResponse): void {
  const size = Math.min(PAGE, Number(url.searchParams.get('n') ?? 100));
  const all = [...state.tags.keys()];
  const start = all.indexOf(url.searchParams.get('last') ?? '') + 1;
  const tags = all.slice(start, start + size);
  const more = start + size < all.length;
  const headers = more ? { link: `<${url.pathname}?n=${size}&last=${tags.at(-1)}>; rel="next"` } : {};
  sendJson(response, { status: 200, body: { name: url.pathname, tags }, headers });
}

function sendManifest(state: PackageState, reference: string, { incoming, response }: Exchange): void {
  const digest = state.tags.get(reference) ?? reference;
  const version = state.live(digest);
  const manifest = state.manifests.get(digest);
  if (version === undefined || manifest === undefined) return fail(response, 404, 'MANIFEST_UNKNOWN');
  if (incoming.method === 'GET') version.downloads += 1;
  const { bytes, mediaType } = manifest;
  response.writeHead(200, {
    'content-type': mediaType,
    'docker-content-digest': digest,
    'content-length': bytes.length,
  });
  response.end(incoming.method === 'HEAD' ? undefined : bytes);
}

async function putManifest(state: PackageState, reference: string, { incoming, response }: Exchange): Promise<void> {
  const bytes = await readBody(incoming);
  const tags = reference.includes(':') ? [] : [reference];
  const digest = state.push(bytes, incoming.headers['content-type'] ?? '', tags);
  response.writeHead(201, { 'docker-content-digest': digest, location: incoming.url ?? '' });
  response.end();
}

function fail(response: ServerResponse, status: number, code: string): void {
  sendJson(response, { status, body: errors(code) });
}

function errors(code: string): object {
  return { errors: [{ code, message: code.toLowerCase().replaceAll('_', ' ') }] };
}
