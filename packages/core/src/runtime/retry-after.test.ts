import { describe, expect, it } from 'vitest';
import { allowedRate, retryAfter } from './retry-after.ts';

const now = new Date('2026-11-21T00:00:00Z');

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
    ['30 seconds', 30_000],
    ['1500 ms', 1500],
    ['1795219260', 60_000],
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
    ['slow down, retry in 500 milliseconds', 500],
    ['Please try again in 2 minutes.', 120_000],
    ['retry-after: 1m1.5s, allowed: 44000/minute', 61_500],
    ['retry after 3 days', undefined],
    ['please try later', undefined],
  ])('reads the body %j', (body, milliseconds) => {
    expect(retryAfter({}, body, now)).toBe(milliseconds);
  });

  it("reads Docker Hub's moment in seconds since the epoch", () => {
    expect(retryAfter({ 'x-retry-after': '1795219205' }, '', now)).toBe(5000);
    expect(retryAfter({ 'x-retry-after': '1795219100' }, '', now)).toBe(0);
  });

  it('believes the header before the body', () => {
    expect(retryAfter({ 'retry-after': '1' }, 'retry-after: 9s', now)).toBe(1000);
  });
});

describe('allowedRate', () => {
  it.each([
    ['TOOMANYREQUESTS: retry-after: 1.8ms, allowed: 2000/minute', 2000 / 60],
    ['allowed: 44000/minute', 44_000 / 60],
    ['Allowed: 10/s', 10],
    ['not allowed', undefined],
    ['allowed: 0/minute', undefined],
  ])('reads %j', (body, perSecond) => {
    expect(allowedRate(body)?.perSecond).toBe(perSecond);
  });
});
