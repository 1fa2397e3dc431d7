import { Readable } from 'node:stream';
import { rootCertificates } from 'node:tls';
import type { Dispatcher } from 'undici';
import connect from 'undici/lib/api/api-connect.js';
import send from 'undici/lib/api/api-request.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import EnvHttpProxyAgent from 'undici/lib/dispatcher/env-http-proxy-agent.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import { type HttpResponse, readResponse } from './http-response.ts';

export type { HttpResponse } from './http-response.ts';

/**
 * Where a redirect may lead. `same-host` and `manual` hand a redirect they do not follow to the
 * caller as the response; `follow` goes to other hosts too, but without credentials.
 */
export type RedirectMode = 'follow' | 'manual' | 'same-host';

export interface HttpRequest {
  readonly url: URL;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  /** A function is called once per request sent; give `content-length` with it, or the body is sent in chunks. */
  readonly body?: Buffer | string | (() => AsyncIterable<Uint8Array>);
  readonly signal?: AbortSignal;
  /** Default: `follow` for GET and HEAD, `manual` for the others. */
  readonly redirect?: RedirectMode;
}

/** Sends one request. The only thing in the suite that opens HTTP connections. */
export interface Http {
  /** @throws the transport's own error, with its cause, when no answer came */
  request(request: HttpRequest): Promise<HttpResponse>;
}

export interface HttpOptions {
  /** HTTP/2 where a TLS server offers it. Default true. */
  readonly allowH2?: boolean;
  /** Default: no limit, callers limit themselves. */
  readonly connectionsPerHost?: number;
  /** PEM of certificate authorities to trust beside the usual ones. */
  readonly extraCa?: string;
  /** Proxies as the conventional variables give them. */
  readonly proxy?: { readonly http?: string; readonly https?: string; readonly exceptFor?: string };
}

const HOPS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);

/** The default {@link Http}, on undici. Idle connections do not keep the process alive. */
export function createHttp(options: HttpOptions = {}): Http & AsyncDisposable {
  const dispatcher = createDispatcher(options);
  return {
    request: (request) => follow(dispatcher, request),
    [Symbol.asyncDispose]: () => dispatcher.close(),
  };
}

function createDispatcher({ allowH2 = true, connectionsPerHost, extraCa, proxy }: HttpOptions): Dispatcher {
  const tls = { preferH2: allowH2, ...(extraCa === undefined ? {} : { ca: [...rootCertificates, extraCa] }) };
  const options = {
    allowH2,
    connect: { ...tls, timeout: 15_000 },
    headersTimeout: 120_000,
    bodyTimeout: 60_000,
    // Whatever UNDICI_USE_MILO says: the bundles do not hold that parser.
    useMilo: false,
    ...(connectionsPerHost === undefined ? {} : { connections: connectionsPerHost }),
  };
  if (proxy === undefined) return new Agent(options);
  return new EnvHttpProxyAgent({
    ...options,
    // undici's index adds `connect` to every dispatcher; without the index, the tunnel's own has to be given it.
    clientFactory: (origin, settings) => Object.assign(new Pool(origin, settings), { connect }),
    requestTls: tls,
    httpProxy: proxy.http ?? '',
    httpsProxy: proxy.https ?? '',
    // As Go's tools do: this machine is never asked for through a proxy.
    noProxy: [proxy.exceptFor, 'localhost', '127.0.0.1', '::1'].filter(Boolean).join(','),
  });
}

async function follow(dispatcher: Dispatcher, first: HttpRequest): Promise<HttpResponse> {
  let request = first;
  for (let hop = 0; ; hop += 1) {
    const response = await sendOnce(dispatcher, request);
    const next = redirected(request, response);
    if (next === undefined) return response;
    await response.discard();
    if (hop === HOPS) throw new Error(`more than ${HOPS} redirects from ${first.url.host}`);
    request = next;
  }
}

async function sendOnce(
  dispatcher: Dispatcher,
  { url, method, headers, body, signal }: HttpRequest,
): Promise<HttpResponse> {
  const answer = await send.call(dispatcher, {
    origin: url.origin,
    path: url.pathname + url.search,
    method,
    headers: { ...headers },
    body: typeof body === 'function' ? Readable.from(body(), { objectMode: false }) : (body ?? null),
    ...(signal === undefined ? {} : { signal }),
  });
  return readResponse({ url, method, answer });
}

/** The request that a redirect asks for, or nothing when the caller is to see the redirect itself. */
function redirected(request: HttpRequest, response: HttpResponse): HttpRequest | undefined {
  const mode = request.redirect ?? (request.method === 'GET' || request.method === 'HEAD' ? 'follow' : 'manual');
  const location = response.headers['location'];
  if (mode === 'manual' || location === undefined || !REDIRECTS.has(response.status)) return undefined;
  const url = new URL(location, request.url);
  const sameHost = url.host === request.url.host && url.protocol === request.url.protocol;
  if (mode === 'same-host' && !sameHost) return undefined;
  if (url.protocol !== 'https:' && url.protocol !== request.url.protocol) {
    throw new Error(`${request.url.host} redirects from https to ${url.protocol}//${url.host}`);
  }
  return { ...request, url, ...(sameHost ? {} : { headers: withoutCredentials(request.headers) }) };
}

function withoutCredentials(headers: HttpRequest['headers'] = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !CREDENTIALS.has(name.toLowerCase())));
}
