import { describe, expect, it } from 'vitest';
import type { Clock } from './clock.ts';
import { isTransient, RETRY, retryAfter, withRetry } from './retry.ts';

const now = new Date('2026-11-21T00:00:00Z');

function recordingClock(): Clock & { waits: number[] } {
  const waits: number[] = [];
  return { waits, now: () => now, sleep: async (milliseconds) => void waits.push(milliseconds) };
}

describe('retryAfter', () => {
  it.each([
    ['3', 3000],
    ['0', 0],
    ['1.5', 1500],
    ['Sat, 21 Nov 2026 00:01:00 GMT', 60_000],
    ['Fri, 20 Nov 2026 00:00:00 GMT', 0],
    ['1.889377ms', 1.889377],
    ['1m30s', 90_000],
    ['2h', 7_200_000],
    ['250µs', 0.25],
    ['500us', 0.5],
    ['soon', undefined],
    ['', undefined],
  ])('reads the header %j', (header, milliseconds) => {
    expect(retryAfter({ 'retry-after': header }, '', now)).toBe(milliseconds);
  });

  it.each([
    ['{"errors":[{"code":"TOOMANYREQUESTS","message":"retry-after: 1.889377ms, allowed: 2000/minute"}]}', 1.889377],
    ['rate exceeded, retry after 30 seconds', 30_000],
    ['{"retry_after":"2s"}', 2000],
    ['{"retry_after":5}', 5000],
    ['please try later', undefined],
  ])('reads the body %j', (body, milliseconds) => {
    expect(retryAfter({}, body, now)).toBe(milliseconds);
  });

  it('believes the header before the body', () => {
    expect(retryAfter({ 'retry-after': '1' }, 'retry-after: 9s', now)).toBe(1000);
  });
});

describe('withRetry', () => {
  const failure = new Error('busy');

  it('gives the first value', async () => {
    const clock = recordingClock();
    const value = await withRetry(async (number) => (number < 3 ? { failure } : { value: number }), {
      clock,
      random: () => 1,
    });
    expect(value).toBe(3);
    expect(clock.waits).toEqual([RETRY.firstDelay, RETRY.firstDelay * 2]);
  });

  it('throws the last failure when the table is used up', async () => {
    const clock = recordingClock();
    await expect(withRetry(async () => ({ failure }), { clock })).rejects.toBe(failure);
    expect(clock.waits).toHaveLength(RETRY.attempts - 1);
  });

  it('waits at least as long as it is told, and not at all when that is too long', async () => {
    const clock = recordingClock();
    await withRetry(async (number) => (number === 1 ? { failure, after: 9000 } : { value: 1 }), { clock });
    await expect(withRetry(async () => ({ failure, after: RETRY.patience + 1 }), { clock })).rejects.toBe(failure);
    expect(clock.waits).toEqual([9000]);
  });

  it('does not repeat what throws', async () => {
    let tries = 0;
    const attempt = async () => {
      tries += 1;
      throw failure;
    };
    await expect(withRetry(attempt)).rejects.toBe(failure);
    expect(tries).toBe(1);
  });
});

describe('RETRY', () => {
  it.each([400, 401, 403, 404, 409, 422])('has no %i', (status) => {
    expect(RETRY.statuses.has(status)).toBe(false);
  });
});

describe('isTransient', () => {
  const coded = (code: string) => Object.assign(new Error('x'), { code });

  it.each(['ECONNRESET', 'ECONNREFUSED', 'EAI_AGAIN', 'UND_ERR_SOCKET', 'ETIMEDOUT'])('is true for %s', (code) => {
    expect(isTransient(new Error('outer', { cause: coded(code) }))).toBe(true);
  });

  it.each(['ENOTFOUND', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID', 'CERT_HAS_EXPIRED', 'EPROTO'])(
    'is false for %s',
    (code) => {
      expect(isTransient(new Error('outer', { cause: coded(code) }))).toBe(false);
    },
  );
});
