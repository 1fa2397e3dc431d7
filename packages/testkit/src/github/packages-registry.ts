import type { IncomingMessage, ServerResponse } from 'node:http';
import { route } from '../registry/memory-routes.ts';
import { type RouteOptions, type RouteState, SPECIFIED } from '../registry/memory-rules.ts';
import { bodyOf, parseRequest, type RegistryRequest as Parsed, send } from '../registry/memory-wire.ts';
import type { Lifetime } from '../world/lifetime.ts';
import { sendJson, serveLocally } from '../world/local-server.ts';
import type { PackageName } from './ledger.ts';
import { shelvesOf } from './package-shelves.ts';
import type { PackagesEmulator } from './packages-emulator.ts';

/** A request to the registry plane, as it arrived. */
export interface RegistryRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** False for what is only told where to get a token. */
  readonly authorized: boolean;
}

/** The registry plane of emulated packages. */
export interface PackagesRegistry {
  /** `127.0.0.1:port`, plain HTTP. */
  readonly host: string;
  readonly requests: readonly RegistryRequest[];
  /** Called before a request is answered; true when it answered itself. The place for faults and races. */
  onRequest: ((request: RegistryRequest, response: ServerResponse) => boolean) | undefined;
}

export interface PackagesRegistryOptions {
  /** The password of any user. */
  readonly token: string;
  /** Where it is to follow the distribution specification more closely than ghcr.io does. */
  readonly manners?: Partial<RouteOptions>;
}

/**
 * What ghcr.io does of its own: 405 for DELETE, no referrers API, tags oldest first. It does not ask for blobs here, because
 * the manifests that tests make name blobs which nobody has.
 */
export const GHCR: Partial<RouteOptions> = {
  deletes: false,
  referrersApi: false,
  tagOrder: 'pushed',
  wantsParts: false,
};

const BEARER = 'registry-token';

/**
 * Serves the emulator's packages as ghcr.io does, with Bearer tokens, and but for its manners by the distribution
 * specification 1.1. A digest deleted through REST is gone at once.
 */
export async function servePackages(
  lifetime: Lifetime,
  emulator: PackagesEmulator,
  { token, manners = GHCR }: PackagesRegistryOptions,
): Promise<PackagesRegistry> {
  const requests: RegistryRequest[] = [];
  const registry: PackagesRegistry = { host: '', requests, onRequest: undefined };
  const state = stateOf(emulator, manners);
  const { host } = await serveLocally(lifetime, async (incoming, response) => {
    const authorized = incoming.headers.authorization === `Bearer ${BEARER}`;
    const request = { method: incoming.method ?? 'GET', path: incoming.url ?? '/', authorized };
    requests.push(request);
    if (registry.onRequest?.(request, response) === true) return;
    const parsed = parseRequest(incoming);
    if (parsed.kind === 'token') sendToken(incoming, response, token);
    else if (authorized) send(response, parsed, answer(emulator, state, { ...parsed, body: await bodyOf(incoming) }));
    else challenge(parsed, response);
  });
  return Object.assign(registry, { host });
}

function stateOf(emulator: PackagesEmulator, manners: Partial<RouteOptions>): RouteState {
  const repository = (name: string) => shelvesOf(emulator.package(packageName(name)));
  const known = (name: string) => {
    const { count, blobs } = emulator.package(packageName(name));
    return count > 0 || blobs.size > 0;
  };
  return { ...SPECIFIED, ...manners, repository, known, sessions: new Map() };
}

function packageName(repository: string): PackageName {
  const [owner = '', ...pkg] = repository.split('/');
  return { owner, pkg: pkg.join('/') };
}

function answer(emulator: PackagesEmulator, state: RouteState, request: Parsed) {
  if (request.kind === 'base') return { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' };
  const answered = route(state, request);
  if (request.kind === 'manifest' && request.method === 'GET' && answered.status === 200)
    emulator.recordRead({ ...packageName(request.repository ?? ''), reference: request.reference });
  return answered;
}

function sendToken(incoming: IncomingMessage, response: ServerResponse, token: string): void {
  const [, password] = Buffer.from((incoming.headers.authorization ?? '').replace('Basic ', ''), 'base64')
    .toString()
    .split(':');
  if (password !== token) sendJson(response, { status: 401, body: errors('UNAUTHORIZED') });
  else sendJson(response, { status: 200, body: { token: BEARER, expires_in: 300 } });
}

function challenge({ headers, repository }: Parsed, response: ServerResponse): void {
  const scope = repository === undefined ? '' : `,scope="repository:${repository}:pull"`;
  const value = `Bearer realm="http://${headers['host']}/token",service="ghcr.io"${scope}`;
  sendJson(response, { status: 401, body: errors('UNAUTHORIZED'), headers: { 'www-authenticate': value } });
}

function errors(code: string): object {
  return { errors: [{ code, message: code.toLowerCase().replaceAll('_', ' ') }] };
}
