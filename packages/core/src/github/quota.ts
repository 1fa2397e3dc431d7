import type { ApiAnswer } from './api.ts';

/** What GitHub still takes from this token, as its last answer said. */
export interface Quota {
  /** Requests an hour: 1,000 for a workflow's own token, 5,000 for a person's. */
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds since 1970, when `remaining` is `limit` again. */
  readonly resetAt: number;
}

/** Absent on servers of one's own, where there is no limit unless an administrator sets one. */
export function quotaOf({ headers }: ApiAnswer): Quota | undefined {
  const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) => headers[`x-ratelimit-${name}`]);
  if (limit === undefined || remaining === undefined || reset === undefined) return undefined;
  const quota = { limit: Number(limit), remaining: Number(remaining), resetAt: Number(reset) * 1000 };
  return Object.values(quota).every(Number.isSafeInteger) ? quota : undefined;
}
