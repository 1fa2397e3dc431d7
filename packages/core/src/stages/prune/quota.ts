import type { Quota } from '../../github/quota.ts';
import { PlimsollError } from '../../runtime/errors.ts';

/** How much of a plan can be done in one go, and how long the whole takes. */
export interface Budget {
  /** Deletions that this run may begin. */
  readonly now: number;
  /** Deletions that are left for later runs. */
  readonly later: number;
  /** Minutes that those of this run take at the pace of deletions. */
  readonly minutes: number;
  /** Runs after this one, each with a whole hour's requests. */
  readonly runs: number;
  /** When the next run has its requests; there when something is left. */
  readonly resetAt?: number;
}

/** Each is looked at once more, and deleted. */
const REQUESTS_EACH = 2;
/** Before each batch the newest versions are listed. */
const REQUESTS_PER_BATCH = 1;
const BATCH = 25;
const PER_MINUTE = 170;
/** Left for the other workflows of the repository, which have the same token's limit. */
const SPARE = 0.05;

/**
 * Divides a plan by what the token may still ask; pure. Any first part of a plan leaves every kept image whole, and
 * the next run plans the rest, so a run that would run dry half way ends before that.
 */
export function budgetFor(deletions: number, quota: Quota | undefined): Budget {
  const now = quota === undefined ? deletions : Math.min(deletions, affordable(quota.remaining, quota.limit));
  const later = deletions - now;
  const perRun = quota === undefined ? deletions : affordable(quota.limit, quota.limit);
  return {
    now,
    later,
    minutes: Math.ceil(now / PER_MINUTE),
    runs: later === 0 ? 0 : Math.ceil(later / Math.max(1, perRun)),
    ...(later > 0 && quota !== undefined && { resetAt: quota.resetAt }),
  };
}

function affordable(requests: number, limit: number): number {
  const usable = requests - Math.ceil(limit * SPARE) - REQUESTS_PER_BATCH;
  return Math.max(0, Math.floor(usable / (REQUESTS_EACH + REQUESTS_PER_BATCH / BATCH)));
}

/**
 * Refuses a list that the token cannot read to its end: half a list proves nothing and would use up the hour.
 * @throws PlimsollError `github-rate-limited`
 */
export function requirePages(pages: number, quota: Quota | undefined): void {
  if (quota === undefined || pages <= quota.remaining) return;
  const message = `Listing the package takes ${pages} requests, and the token has ${quota.remaining} of ${quota.limit} left`;
  const when = new Date(quota.resetAt).toISOString().slice(11, 16);
  throw new PlimsollError('github-rate-limited', message, {
    hint:
      pages <= quota.limit
        ? `Run again after ${when} UTC.`
        : 'Give a token with a higher limit as "github-token": a classic token has 5,000 requests an hour.',
  });
}
