import type { Clock } from '../runtime/clock.ts';
import { PlimsollError } from '../runtime/errors.ts';
import type { Http, HttpRequest } from '../runtime/http.ts';
import { type Attempt, isTransient, RETRY, type RetryTable, withRetry } from '../runtime/retry.ts';
import { retryAfter } from '../runtime/retry-after.ts';
import { answerFailure, isRateLimit } from './api-failure.ts';

export type ApiMethod = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** An answer read to its end. */
export interface ApiAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** `METHOD url`, for messages; holds no secret. */
  readonly request: string;
}

export interface ApiCall {
  readonly method?: ApiMethod;
  /** Below the API's root, such as `/repos/acme/app`; or a whole URL that the API itself gave. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** The GitHub REST API. */
export interface GitHubApi {
  /**
   * One call, tried again while that can help. Any status that is left is an answer, not an error.
   * @throws PlimsollError `github-unreachable`, `github-rate-limited`
   */
  send(call: ApiCall): Promise<ApiAnswer>;
  /** @throws PlimsollError `github-*` for anything but 2xx with JSON; the caller vouches for the shape */
  get<T>(path: string, query?: Readonly<Record<string, string>>): Promise<T>;
  /** Every page of a list, by the `Link` header. */
  pages<T>(path: string, query?: Readonly<Record<string, string>>): AsyncIterable<readonly T[]>;
}

export interface GitHubApiOptions {
  /** `https://api.github.com`, or `https://<host>/api/v3` on a server of one's own. */
  readonly apiUrl: string;
  readonly token: string | undefined;
  readonly http: Http;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly table?: RetryTable;
}

const MOST_PAGES = 10_000;
const LARGEST_ANSWER = 32 * 1024 * 1024;

/** Four tries: the rate limit has its own waiting, and a job should not hang for minutes on a broken API. */
const API_RETRY: RetryTable = { ...RETRY, attempts: 4, patience: 90_000 };

export function createGitHubApi(options: GitHubApiOptions): GitHubApi {
  const send = (call: ApiCall) => sendWithRetry(call, options);
  return {
    send,
    get: async <T>(path: string, query: Readonly<Record<string, string>> = {}) =>
      parse(await send({ path, query })) as T,
    pages: <T>(path: string, query: Readonly<Record<string, string>> = {}) => allPages<T>({ path, query }, send),
  };
}

/** The JSON of a 2xx answer. @throws PlimsollError `github-*` */
export function parse(answer: ApiAnswer): unknown {
  if (answer.status < 200 || answer.status > 299) throw answerFailure(answer);
  try {
    return JSON.parse(answer.text);
  } catch (cause) {
    throw new PlimsollError('github-protocol', `${answer.request}: ${answer.status}, but no JSON`, {
      hint: 'Something between the runner and GitHub answers in its place; check proxies and GITHUB_API_URL.',
      cause,
    });
  }
}

async function* allPages<T>(first: ApiCall, send: GitHubApi['send']): AsyncIterable<readonly T[]> {
  let call: ApiCall | undefined = { ...first, query: { per_page: '100', ...first.query } };
  for (let page = 0; call !== undefined && page < MOST_PAGES; page++) {
    const answer: ApiAnswer = await send(call);
    const items = parse(answer);
    if (!Array.isArray(items)) {
      throw new PlimsollError('github-protocol', `${answer.request}: not a list`, { hint: 'Check GITHUB_API_URL.' });
    }
    yield items as T[];
    const next = /<([^<>]+)>;\s*rel="next"/.exec(answer.headers['link'] ?? '')?.[1];
    call = next === undefined ? undefined : { path: next };
  }
}

async function sendWithRetry(call: ApiCall, options: GitHubApiOptions): Promise<ApiAnswer> {
  const { clock, signal, table = API_RETRY } = options;
  const request = requestOf(call, options);
  const retry = { clock, table, ...(signal === undefined ? {} : { signal }) };
  return withRetry(() => attempt(request, options, table), retry);
}

/** A write is repeated only when the server says that it did nothing (429), or for PATCH and DELETE, which may be repeated. */
async function attempt(
  request: HttpRequest,
  options: GitHubApiOptions,
  table: RetryTable,
): Promise<Attempt<ApiAnswer>> {
  const name = `${request.method} ${request.url.origin}${request.url.pathname}`;
  const repeatable = request.method !== 'POST';
  let answer: ApiAnswer;
  try {
    const response = await options.http.request(request);
    const text = await response.text(LARGEST_ANSWER);
    answer = { status: response.status, headers: response.headers, text, request: name };
  } catch (cause) {
    if (options.signal?.aborted) throw options.signal.reason;
    const failure = unreachable(name, cause);
    if (repeatable && isTransient(cause)) return { failure };
    throw failure;
  }
  if (isRateLimit(answer)) return { failure: answerFailure(answer), after: waitFor(answer, options.clock.now()) };
  if (answer.status >= 500 && repeatable && table.statuses.has(answer.status))
    return { failure: answerFailure(answer) };
  return { value: answer };
}

/** Milliseconds until the limit is lifted (docs.github.com, "Rate limits for the REST API"): a minute when nothing says. */
function waitFor({ headers, text }: ApiAnswer, now: Date): number {
  const asked = retryAfter(headers, text, now);
  if (asked !== undefined) return asked;
  const reset = Number(headers['x-ratelimit-reset']) * 1000;
  return headers['x-ratelimit-remaining'] === '0' && reset > 0 ? Math.max(0, reset - now.getTime()) : 60_000;
}

function requestOf(call: ApiCall, { apiUrl, token, signal }: GitHubApiOptions): HttpRequest {
  const root = new URL(`${apiUrl}/`);
  const url = call.path.startsWith('/') ? new URL(apiUrl + call.path) : new URL(call.path);
  for (const [key, value] of Object.entries(call.query ?? {})) url.searchParams.set(key, value);
  const headers = {
    accept: 'application/vnd.github+json',
    'x-github-api-version': '2022-11-28',
    'user-agent': 'plimsoll',
    // A page's address comes from the answer before: the token goes to no other host.
    ...(token !== undefined && url.origin === root.origin ? { authorization: `Bearer ${token}` } : {}),
    ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  return {
    url,
    method: call.method ?? 'GET',
    headers,
    redirect: call.method === undefined || call.method === 'GET' ? 'follow' : 'manual',
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    ...(signal === undefined ? {} : { signal }),
  };
}

function unreachable(name: string, cause: unknown): PlimsollError {
  return new PlimsollError('github-unreachable', `${name}: no answer`, {
    hint: 'Check the network and the proxy of the runner, and GITHUB_API_URL, then run again.',
    cause,
  });
}
