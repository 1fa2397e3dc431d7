import * as v from 'valibot';
import type { Clock } from '../../runtime/clock.ts';
import type { Http, HttpRequest, HttpResponse } from '../../runtime/http.ts';
import { type Attempt, withRetry } from '../../runtime/retry.ts';
import { tryExchange } from '../registry/exchange.ts';
import { protocolFailure } from '../registry/failure.ts';
import { isLoopback } from '../registry/loopback.ts';
import { type Credential, IDENTITY_TOKEN_USER } from './credentials.ts';
import { type Scopes, scopeTexts } from './scope.ts';

/** Where a registry says its tokens come from. */
export interface TokenService {
  readonly realm: URL;
  readonly service?: string;
}

export interface TokenRequest {
  readonly service: TokenService;
  readonly scopes: Scopes;
  readonly credential: Credential | undefined;
}

export interface TokenPorts {
  readonly http: Http;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** A bearer token and when to stop using it. */
export interface Token {
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly goodUntil: number;
}

const CLIENT_ID = 'plimsoll';
/** Seconds, when the service does not say (distribution token specification, `expires_in`). */
const SHORTEST_LIFE = 60;

const TokenAnswer = v.looseObject({
  token: v.optional(v.string()),
  access_token: v.optional(v.string()),
  expires_in: v.optional(v.number()),
});

/**
 * Gets a token by the distribution token specification: GET with Basic credentials, or anonymously;
 * POST by OAuth2 when what is stored is a refresh token.
 *
 * @throws PlimsollError `registry-unauthorized`, `registry-denied`, `registry-protocol` and the rest of the table in `registry/failure.ts`
 */
export async function fetchToken(request: TokenRequest, ports: TokenPorts): Promise<Token> {
  const { realm } = request.service;
  if (request.credential !== undefined && realm.protocol !== 'https:' && !isLoopback(realm.hostname)) {
    throw protocolFailure(
      { method: 'GET', url: realm },
      'the registry wants credentials sent there without encryption',
    );
  }
  const wire = request.credential?.username === IDENTITY_TOKEN_USER ? refresh(request) : basic(request);
  return withRetry(() => attempt(wire, request, ports), ports);
}

async function attempt(wire: HttpRequest, { credential }: TokenRequest, ports: TokenPorts): Promise<Attempt<Token>> {
  const send = async () => ({
    response: await ports.http.request({ ...wire, ...(ports.signal === undefined ? {} : { signal: ports.signal }) }),
    authenticated: credential !== undefined,
  });
  const { method, url } = wire;
  return tryExchange(
    { method, url, send, expect: [200], read: (response) => readToken(wire, response, ports.clock.now()) },
    ports,
  );
}

function basic({ service, scopes, credential }: TokenRequest): HttpRequest {
  const url = new URL(service.realm);
  if (service.service !== undefined) url.searchParams.set('service', service.service);
  for (const scope of scopeTexts(scopes)) url.searchParams.append('scope', scope);
  if (credential === undefined) return { method: 'GET', url };
  url.searchParams.set('account', credential.username);
  return { method: 'GET', url, headers: { authorization: basicHeader(credential) }, redirect: 'same-host' };
}

function refresh({ service, scopes, credential }: TokenRequest): HttpRequest {
  const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: CLIENT_ID });
  if (service.service !== undefined) form.set('service', service.service);
  form.set('scope', scopeTexts(scopes).join(' '));
  form.set('refresh_token', credential?.password ?? '');
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', url: service.realm, headers, body: form.toString() };
}

/** The `Authorization` value of HTTP Basic (RFC 7617), in UTF-8. */
export function basicHeader({ username, password }: Credential): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

async function readToken(wire: HttpRequest, response: HttpResponse, now: Date): Promise<Token> {
  const parsed = v.safeParse(TokenAnswer, await response.json());
  const value = parsed.success ? (parsed.output.token ?? parsed.output.access_token) : undefined;
  if (!value) throw protocolFailure(wire, 'the token service answered without a token');
  const life = Math.max(SHORTEST_LIFE, (parsed.success ? parsed.output.expires_in : undefined) ?? SHORTEST_LIFE);
  // Stopping a fifth early leaves time for an upload that starts with this token.
  return { value, goodUntil: now.getTime() + life * 800 };
}
