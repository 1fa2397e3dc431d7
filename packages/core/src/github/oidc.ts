import { PlimsollError } from '../runtime/errors.ts';
import type { Http } from '../runtime/http.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { type Attempt, isTransient, RETRY, withRetry } from '../runtime/retry.ts';
import type { Environment } from './host.ts';
import type { Masker } from './inputs.ts';
import { pickText } from '../runtime/pick.ts';

export interface IdTokenPorts {
  readonly http: Http;
  readonly masker: Masker;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** Three parts of base64url; the first two are JSON, so they start with `{"`. */
const TOKEN = /^eyJ[\w-]*\.eyJ[\w-]*\.[\w-]+$/;
const ATTEMPTS = { ...RETRY, attempts: 4, patience: 30_000 };

/**
 * Asks the runner for an OpenID Connect token (docs.github.com, "OpenID Connect reference") and masks it.
 * @throws PlimsollError `oidc-unavailable` when the job has no right to one, `oidc-failed` when the endpoint fails
 */
export async function requestIdToken(env: Environment, audience: string, ports: IdTokenPorts): Promise<string> {
  const { url, token } = endpoint(env);
  ports.masker.mask(token);
  // The runner's address already has a query; cosign and the toolkit append to it blindly.
  url.searchParams.set('audience', audience);
  const { clock = systemClock, signal } = ports;
  const options = { clock, table: ATTEMPTS, ...(signal === undefined ? {} : { signal }) };
  const idToken = await withRetry(() => attempt(url, token, ports), options);
  ports.masker.mask(idToken);
  return idToken;
}

/** Whether the job may ask for a token at all; to be checked before any work is done. @throws PlimsollError `oidc-unavailable` */
export function assertIdTokenAvailable(env: Environment): void {
  endpoint(env);
}

function endpoint(env: Environment): { url: URL; token: string } {
  const address = env['ACTIONS_ID_TOKEN_REQUEST_URL'];
  const token = env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'];
  if (address && token && URL.canParse(address)) return { url: new URL(address), token };
  throw new PlimsollError('oidc-unavailable', 'This job may not request an OpenID Connect token', {
    hint:
      env['ACT'] === 'true'
        ? 'act has no token endpoint: use dry-run, or give ACTIONS_ID_TOKEN_REQUEST_URL and _TOKEN with --env.'
        : 'Write "permissions: id-token: write" in the job (and in the job that calls a reusable workflow). Pull requests from forks never get a token.',
  });
}

async function attempt(url: URL, token: string, { http, signal }: IdTokenPorts): Promise<Attempt<string>> {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json', 'user-agent': 'plimsoll' };
  const cancel = signal === undefined ? {} : { signal };
  let answer: { status: number; text: string };
  try {
    const response = await http.request({ url, method: 'GET', headers, redirect: 'manual', ...cancel });
    answer = { status: response.status, text: await response.text(64 * 1024) };
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    const failure = failed('the endpoint could not be reached', cause);
    if (isTransient(cause)) return { failure };
    throw failure;
  }
  return judge(answer);
}

/** The answer's text is never quoted: it may hold the token. */
function judge({ status, text }: { status: number; text: string }): Attempt<string> {
  const failure = failed(status === 200 ? 'the answer holds no token' : `the endpoint answered ${status}`);
  if (RETRY.statuses.has(status)) return { failure };
  const value = status === 200 ? tokenIn(text) : undefined;
  if (value === undefined) throw failure;
  return { value };
}

function tokenIn(text: string): string | undefined {
  try {
    const value = pickText(JSON.parse(text), 'value');
    return value !== undefined && TOKEN.test(value) ? value : undefined;
  } catch {
    // Why JSON.parse failed would quote the text.
    return undefined;
  }
}

function failed(what: string, cause?: unknown): PlimsollError {
  return new PlimsollError('oidc-failed', `No OpenID Connect token: ${what}`, {
    hint: 'Run again; when it stays, look at www.githubstatus.com.',
    ...(cause === undefined ? {} : { cause }),
  });
}
