import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Forwarder, hostOf } from '../forward.ts';
import { type JsonAnswer, sendJson } from '../local-server.ts';
import { parseRoute, type Route } from './route.ts';
import type { Action, TokenAuth } from './token-auth.ts';

/** A request as a registry saw it, and how it was answered. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly httpVersion: string;
  /** Never with an Authorization header's value. */
  readonly authenticated: boolean;
  /** 0 while it is not answered, or when the connection was cut. */
  status: number;
}

/** What a test puts in place of an answer: an answer of its own, or a cut connection. */
export type Fault = JsonAnswer | 'reset';

/** A test's chance to answer a request in the registry's place; `undefined` lets it pass. */
export type Intercept = (request: RecordedRequest) => Fault | undefined | Promise<Fault | undefined>;

/** What one kind of registry does beyond passing requests on. */
export interface RegistryManners {
  /** Sees each permitted request first; `true` when it has answered. */
  answer(exchange: FrontExchange): Promise<boolean>;
}

export interface FrontExchange {
  readonly route: Route;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly forwarder: Forwarder;
}

/** A registry's door: records, lets tests interfere, asks for credentials, and passes the rest on. */
export class RegistryFront {
  readonly requests: RecordedRequest[] = [];
  readonly auth: TokenAuth;
  intercept: Intercept | undefined;
  readonly #tokenPath: string;
  readonly #forwarder: Forwarder;
  readonly #manners: RegistryManners;

  constructor(options: { auth: TokenAuth; tokenPath: string; forwarder: Forwarder; manners: RegistryManners }) {
    this.auth = options.auth;
    this.#tokenPath = options.tokenPath;
    this.#forwarder = options.forwarder;
    this.#manners = options.manners;
  }

  /** Serves one request. */
  readonly handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const recorded = this.#record(request, response);
    const fault = await this.intercept?.(recorded);
    if (fault === 'reset') return void request.socket.destroy();
    const answer = fault ?? this.#ownAnswer(request);
    if (answer !== undefined) return this.#send(request, response, answer);
    const route = parseRoute(pathOf(request));
    const exchange = { route, request, response, forwarder: this.#forwarder };
    if (!(await this.#manners.answer(exchange))) await this.#forwarder.stream(request, response);
  };

  #record(request: IncomingMessage, response: ServerResponse): RecordedRequest {
    const recorded: RecordedRequest = {
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      httpVersion: request.httpVersion,
      authenticated: request.headers.authorization !== undefined,
      status: 0,
    };
    this.requests.push(recorded);
    response.once('finish', () => {
      recorded.status = response.statusCode;
    });
    return recorded;
  }

  /** The token endpoint, and refusals. */
  #ownAnswer(request: IncomingMessage): JsonAnswer | undefined {
    const path = pathOf(request);
    const { authorization } = request.headers;
    if (path === this.#tokenPath) {
      // Clients try POST (OAuth 2) first and fall back when it is not allowed.
      if (request.method !== 'GET') return { status: 405, body: { message: 'Method Not Allowed' } };
      return this.auth.token(new URL(request.url ?? '/', 'http://registry'), authorization);
    }
    const route = parseRoute(path);
    const repository = 'name' in route ? { repository: route.name } : {};
    return this.auth.refusal({ host: hostOf(request), authorization, action: actionOf(request), ...repository });
  }

  #send(request: IncomingMessage, response: ServerResponse, answer: JsonAnswer): void {
    request.resume(); // An unread body would stall the connection.
    sendJson(response, answer);
  }
}

function actionOf({ method }: IncomingMessage): Action {
  if (method === 'GET' || method === 'HEAD') return 'pull';
  return method === 'DELETE' ? 'delete' : 'push';
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?')[0] ?? '/';
}
