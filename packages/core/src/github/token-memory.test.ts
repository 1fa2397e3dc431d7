import { describe, expect, it } from 'vitest';
import type { Clock } from '../runtime/clock.ts';
import { rememberTokens } from './token-memory.ts';

const tokenOf = (claims: object) =>
  ['{}', JSON.stringify(claims), ''].map((part) => Buffer.from(part).toString('base64url')).join('.');

function memory(claims: object, failures = 0) {
  let time = 0;
  const asked: string[] = [];
  const clock = { now: () => new Date(time) } as Clock;
  const get = rememberTokens(async (audience) => {
    asked.push(audience);
    if (asked.length <= failures) throw new Error('no token');
    return tokenOf({ ...claims, number: asked.length });
  }, clock);
  return { get, asked, wait: (seconds: number) => (time += seconds * 1000) };
}

describe('a token', () => {
  it('is asked for once, also by two at the same time', async () => {
    const { get, asked } = memory({ iat: 100, exp: 400 });
    const [one, two] = await Promise.all([get('sigstore'), get('sigstore')]);
    expect(one).toBe(two);
    expect(await get('sigstore')).toBe(one);
    expect(asked).toEqual(['sigstore']);
  });

  it('is asked for again by another audience, and when it is about to run out', async () => {
    const { get, asked, wait } = memory({ iat: 100, exp: 400 });
    await get('sigstore');
    await get('other');
    wait(239);
    await get('sigstore');
    wait(2);
    await get('sigstore');
    expect(asked).toEqual(['sigstore', 'other', 'sigstore']);
  });

  it('that does not say how long it is good is used once', async () => {
    const { get, asked } = memory({});
    await get('sigstore');
    await get('sigstore');
    expect(asked).toHaveLength(2);
  });

  it('that was not given is asked for again', async () => {
    const { get } = memory({ iat: 100, exp: 400 }, 1);
    await expect(get('sigstore')).rejects.toThrow('no token');
    await expect(get('sigstore')).resolves.toMatch(/\./);
  });
});
