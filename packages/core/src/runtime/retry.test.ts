import { describe, expect, it } from 'vitest';
import type { Clock } from './clock.ts';
import { isTransient, RETRY, withRetry } from './retry.ts';

const now = new Date('2026-11-21T00:00:00Z');

function recordingClock(): Clock & { waits: number[] } {
  const waits: number[] = [];
  return { waits, now: () => now, sleep: async (milliseconds) => void waits.push(milliseconds) };
}

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
