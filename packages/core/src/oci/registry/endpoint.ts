import type { Clock } from '../../runtime/clock.ts';
import type { Http, HttpRequest, HttpResponse } from '../../runtime/http.ts';
import type { HostLimit } from '../../runtime/limit.ts';
import { type Attempt, type RetryTable, withRetry } from '../../runtime/retry.ts';
import type { Authorizer } from '../auth/authorizer.ts';
import type { Scopes } from '../auth/scope.ts';
import type { ByteStream } from '../content.ts';
import { type ExchangePorts, type Read, type Sent, tryExchange } from './exchange.ts';
import { findOrigin, knownOrigin } from './origin.ts';
import { requestKind } from './published-limits.ts';

/** One request to a registry, in its terms. */
export interface RegistryRequest {
  readonly method: HttpRequest['method'];
  /** A path below the registry, such as `/v2/acme/app/tags/list`, or an address that the registry gave. */
  readonly to: string | URL;
  readonly scopes: Scopes;
  readonly headers?: Readonly<Record<string, string>>;
  /** Opened anew for each try, before the request takes its turn at the host. */
  readonly body?: Buffer | (() => Promise<ByteStream | Buffer>);
  /** Statuses that `read` understands; any other is an error. Default: 200 to 299. */
  readonly expect?: readonly number[];
  /** Lets `read` see HTML pages too. */
  readonly anyPage?: boolean;
  readonly redirect?: NonNullable<HttpRequest['redirect']>;
  /** Does not wait for a turn, for a request that one under way depends on. */
  readonly urgent?: boolean;
}

export interface EndpointPorts {
  readonly http: Http;
  readonly clock: Clock;
  readonly limit: HostLimit;
  readonly authorizer: Authorizer;
  readonly userAgent: string;
  readonly signal?: AbortSignal;
  /** What is tried again; `RETRY` unless given. */
  readonly table?: RetryTable;
}

/** One registry host: finds out how it speaks, then sends requests with authorization, in turn, with retries. */
export class Endpoint {
  readonly #ports: EndpointPorts;
  readonly #exchange: ExchangePorts;
  readonly #registry: string;
  #origin: Promise<URL> | undefined;

  constructor(registry: string, ports: EndpointPorts) {
    this.#registry = registry;
    this.#ports = ports;
    const { clock, signal, limit } = ports;
    this.#exchange = {
      clock,
      onThrottle: (throttle) => limit.throttled(throttle),
      ...(signal === undefined ? {} : { signal }),
    };
  }

  /** @throws PlimsollError by the tables in `failure.ts`, after retries */
  call<T>(request: RegistryRequest, read: Read<T>): Promise<T> {
    return this.retry(() => this.attempt(request, read));
  }

  /** Repeats something made of {@link attempt}s by the table in `retry.ts`. */
  retry<T>(attempt: () => Promise<Attempt<T>>): Promise<T> {
    return withRetry(attempt, this.#ports);
  }

  /** One try without waiting, for a caller that retries more than this request. An expired token is renewed within it. */
  async attempt<T>(request: RegistryRequest, read: Read<T>): Promise<Attempt<T>> {
    const origin = await this.origin();
    const { method, expect, anyPage } = request;
    const url = new URL(request.to, origin);
    const send = () => this.#authorized(request, url, origin);
    const options = { ...(expect === undefined ? {} : { expect }), ...(anyPage === undefined ? {} : { anyPage }) };
    return tryExchange({ method, url, send, read, ...options }, this.#exchange);
  }

  /** Scheme, host and port, found out at the first request; a failure is not remembered. */
  origin(): Promise<URL> {
    this.#origin ??= this.#findOrigin().catch((error: unknown) => {
      this.#origin = undefined;
      throw error;
    });
    return this.#origin;
  }

  /** Resolves an address that the registry gave, such as the `Location` of an upload. */
  async locate(location: string, base: URL): Promise<URL> {
    const url = new URL(location, base);
    const origin = await this.origin();
    // A registry that does not know of the TLS proxy in front of it gives http:// addresses of itself.
    if (url.hostname === origin.hostname && url.port === origin.port) url.protocol = origin.protocol;
    return url;
  }

  async #findOrigin(): Promise<URL> {
    const { http, userAgent, authorizer } = this.#ports;
    // With credentials, what is hidden from strangers must not look absent: the registry is asked how to log in.
    if ((await authorizer.credential()) === undefined) return knownOrigin(this.#registry);
    const onChallenge = (header: string | undefined) => authorizer.challenged(header, undefined);
    const ports = { ...this.#exchange, http, userAgent, onChallenge };
    return withRetry(() => findOrigin(this.#registry, ports), this.#ports);
  }

  /** Sends it with what the registry wants to see, and once more when that had expired. */
  async #authorized(request: RegistryRequest, url: URL, origin: URL): Promise<Sent> {
    if (url.origin !== origin.origin)
      return { response: await this.#inTurn(request, url, undefined), authenticated: false };
    const { authorizer } = this.#ports;
    for (let last = false; ; last = true) {
      const sent = await authorizer.header(request.scopes);
      const response = await this.#inTurn(request, url, sent);
      const authenticated = sent !== undefined && (await authorizer.credential()) !== undefined;
      if (response.status !== 401) {
        if (sent !== undefined) authorizer.accepted(sent);
        return { response, authenticated };
      }
      if (last || !(await authorizer.challenged(response.headers['www-authenticate'], sent)))
        return { response, authenticated };
      await response.discard();
    }
  }

  async #inTurn(request: RegistryRequest, url: URL, authorization: string | undefined): Promise<HttpResponse> {
    const { http, limit, signal } = this.#ports;
    const { method, body, redirect } = request;
    const opened = typeof body === 'function' ? await body() : body;
    const source = opened === undefined || Buffer.isBuffer(opened) ? opened : () => opened;
    const headers = {
      'user-agent': this.#ports.userAgent,
      ...request.headers,
      ...(authorization === undefined ? {} : { authorization }),
    };
    const send = () =>
      http.request({
        method,
        url,
        headers,
        ...(source === undefined ? {} : { body: source }),
        ...(redirect === undefined ? {} : { redirect }),
        ...(signal === undefined ? {} : { signal }),
      });
    const kind = requestKind(url.pathname);
    return request.urgent === true ? limit.pass(send, signal, kind) : limit.run(send, signal, kind);
  }
}
