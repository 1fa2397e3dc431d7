import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';

/** What is tried again, how often, and how long a server may make us wait. */
export interface RetryTable {
  /** Tries in all, the first one included. */
  readonly attempts: number;
  /** Statuses that may pass by themselves. 400, 401 and 403 never do. */
  readonly statuses: ReadonlySet<number>;
  /** Milliseconds before the second try; doubles with each further one. */
  readonly firstDelay: number;
  readonly longestDelay: number;
  /** Milliseconds; a server that asks for more is not waited for, and its answer is the failure. */
  readonly patience: number;
}

/** 408 to 504 as their names say; 499, 521 and 522 are what proxies and CDNs in front of registries add. */
export const RETRY: RetryTable = {
  attempts: 6,
  statuses: new Set([408, 425, 429, 499, 500, 502, 503, 504, 521, 522]),
  firstDelay: 250,
  longestDelay: 8_000,
  patience: 120_000,
};

/** For a source with another one behind it: a hiccup is forgiven, and a server that wants to be waited for is left. */
export const FAILOVER: RetryTable = { ...RETRY, attempts: 2, longestDelay: 250, patience: 1_000 };

/** Transport errors that the next try would only repeat: a wrong name, a wrong certificate. */
const PERMANENT =
  /^(?:ENOTFOUND|ERR_INVALID_URL|ERR_TLS_CERT_ALTNAME_INVALID|CERT_\w+|UNABLE_TO_\w+|(?:DEPTH_ZERO_)?SELF_SIGNED_CERT\w*|EPROTO|ERR_SSL_\w+)$/;

/** What one try came to: a value, or a failure that may pass. A failure that cannot pass is thrown. */
export type Attempt<T> = { readonly value: T } | { readonly failure: unknown; readonly after?: number };

export interface RetryOptions {
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  readonly table?: RetryTable;
  /** 0 to 1; spreads the tries of many clients. */
  readonly random?: () => number;
}

/**
 * Tries until `attempt` gives a value, throws, or the table is used up; then throws the last
 * failure. Waits at least as long as `after` (milliseconds) says.
 */
export async function withRetry<T>(
  attempt: (number: number) => Promise<Attempt<T>>,
  options: RetryOptions = {},
): Promise<T> {
  const { clock = systemClock, signal, table = RETRY, random = Math.random } = options;
  for (let number = 1; ; number += 1) {
    const result = await attempt(number);
    if ('value' in result) return result.value;
    const delay = Math.max(result.after ?? 0, backoff(table, number, random));
    if (number >= table.attempts || (result.after ?? 0) > table.patience) throw result.failure;
    await clock.sleep(delay, signal);
  }
}

/** True when a transport error may not happen again. */
export function isTransient(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (at.name === 'AbortError') return false;
    if ('code' in at && typeof at.code === 'string' && PERMANENT.test(at.code)) return false;
  }
  return true;
}

/** Half of it fixed and half of it random, so that clients that failed together do not return together. */
function backoff(table: RetryTable, number: number, random: () => number): number {
  const full = Math.min(table.longestDelay, table.firstDelay * 2 ** (number - 1));
  return full / 2 + (full / 2) * random();
}
