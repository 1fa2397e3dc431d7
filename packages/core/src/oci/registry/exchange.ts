import type { Clock } from '../../runtime/clock.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import type { HttpResponse } from '../../runtime/http.ts';
import { type Attempt, isTransient, RETRY } from '../../runtime/retry.ts';
import type { Throttle } from '../../runtime/limit.ts';
import { allowedRate, retryAfter } from '../../runtime/retry-after.ts';
import { isHtml, protocolFailure, type RequestName, refusal, unreachable } from './failure.ts';

/** Takes what is wanted out of an answer. A transport error in it is tried again like one in the request. */
export type Read<T> = (response: HttpResponse) => Promise<T>;

/** One request and what is to come of it. */
export interface Exchange<T> extends RequestName {
  readonly send: () => Promise<Sent>;
  /** Statuses that `read` understands; any other is an error. Default: 200 to 299. */
  readonly expect?: readonly number[];
  /** Lets `read` see HTML pages too; otherwise they are `registry-protocol` whatever the status. */
  readonly anyPage?: boolean;
  readonly read: Read<T>;
}

export interface Sent {
  readonly response: HttpResponse;
  readonly authenticated: boolean;
}

export interface ExchangePorts {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Told when the host asks for less. */
  readonly onThrottle?: (throttle: Throttle) => void;
}

/** Makes one try of it, for `withRetry`: what may pass is returned as a failure, what cannot is thrown. */
export async function tryExchange<T>(exchange: Exchange<T>, ports: ExchangePorts): Promise<Attempt<T>> {
  try {
    const sent = await exchange.send();
    if (expected(exchange, sent.response.status)) return { value: await understand(exchange, sent.response) };
    return await refused(exchange, sent, ports);
  } catch (error) {
    if (ports.signal?.aborted === true) throw cancelled(error);
    if (error instanceof PlimsollError) throw error;
    if (error instanceof SyntaxError) throw protocolFailure(exchange, 'the answer is not JSON', error);
    const failure = unreachable(exchange, error);
    if (failure.code === 'registry-unreachable' && isTransient(error)) return { failure };
    throw failure;
  }
}

function expected<T>({ expect }: Exchange<T>, status: number): boolean {
  return expect === undefined ? status >= 200 && status < 300 : expect.includes(status);
}

async function understand<T>(exchange: Exchange<T>, response: HttpResponse): Promise<T> {
  if (exchange.anyPage === true || !isHtml(response.headers)) return exchange.read(response);
  await response.discard();
  throw protocolFailure(exchange, `the answer (${response.status}) is an HTML page`);
}

async function refused<T>(exchange: Exchange<T>, sent: Sent, ports: ExchangePorts): Promise<Attempt<T>> {
  const { status, headers } = sent.response;
  const text = await sent.response.text(64 * 1024).catch(() => '');
  const failure = refusal({
    method: exchange.method,
    url: exchange.url,
    status,
    headers,
    text,
    authenticated: sent.authenticated,
  });
  const limited = failure.code === 'registry-rate-limited';
  if (!RETRY.statuses.has(status) && !limited) throw failure;
  const after = retryAfter(headers, text, ports.clock.now());
  // Whoever is told to come back in an hour fails; the others need not wait for that.
  const wait = after !== undefined && after <= RETRY.patience ? { after } : {};
  const allowed = allowedRate(text);
  if (limited || 'after' in wait) ports.onThrottle?.({ ...wait, ...(allowed === undefined ? {} : { allowed }) });
  return { failure, ...(after === undefined ? {} : { after }) };
}

function cancelled(cause: unknown): PlimsollError {
  return new PlimsollError('cancelled', 'Cancelled while talking to a registry', {
    hint: 'Run again; finished work is not repeated.',
    cause,
  });
}
