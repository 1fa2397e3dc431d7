import { type Clock, systemClock } from '../../runtime/clock.ts';
import { createHttp, type Http } from '../../runtime/http.ts';
import { HostLimit } from '../../runtime/limit.ts';
import type { RetryTable } from '../../runtime/retry.ts';
import { Authorizer } from '../auth/authorizer.ts';
import type { Credentials } from '../auth/credentials.ts';
import type { Access } from '../auth/scope.ts';
import type { RepositoryName } from '../reference.ts';
import { Endpoint } from './endpoint.ts';
import { publishedLimits } from './published-limits.ts';
import { Repository } from './repository.ts';

export interface RegistriesOptions {
  readonly credentials: Credentials;
  readonly http?: Http;
  readonly clock?: Clock;
  readonly userAgent?: string;
  readonly signal?: AbortSignal;
  /** Requests that one host gets at a time. Default 40, one wave for a usual image; fewer once it refuses. */
  readonly concurrency?: number;
  /** What is tried again, and how often; `RETRY` unless given. */
  readonly retry?: RetryTable;
}

/** All registries of one run. Repositories of a host share its connections, tokens and limits. */
export class Registries {
  readonly #options: RegistriesOptions;
  readonly #http: Http;
  readonly #endpoints = new Map<string, Endpoint>();

  constructor(options: RegistriesOptions) {
    this.#options = options;
    this.#http = options.http ?? createHttp();
  }

  /**
   * @param access - what will be needed of it, when known beforehand; saves a token request where
   *   reading is followed by writing
   */
  repository(name: RepositoryName, access: Access = 'pull'): Repository {
    return new Repository(name, this.#endpoint(name.registry), access);
  }

  /** The same registries with other patience. */
  withRetry(retry: RetryTable): Registries {
    return new Registries({ ...this.#options, http: this.#http, retry });
  }

  #endpoint(registry: string): Endpoint {
    const known = this.#endpoints.get(registry);
    if (known !== undefined) return known;
    const created = this.#connect(registry);
    this.#endpoints.set(registry, created);
    return created;
  }

  #connect(registry: string): Endpoint {
    const { credentials, clock = systemClock, userAgent = 'plimsoll', signal, concurrency = 40 } = this.#options;
    const ports = { http: this.#http, clock, ...(signal === undefined ? {} : { signal }) };
    const { retry } = this.#options;
    const authorizer = new Authorizer({ ...ports, host: registry, credentials });
    const table = retry === undefined ? {} : { table: retry };
    return new Endpoint(registry, {
      ...ports,
      ...table,
      authorizer,
      userAgent,
      limit: new HostLimit(concurrency, clock, publishedLimits(registry)),
    });
  }
}
