import { describe, expect, it } from 'vitest';
import { climb, type Step } from './climb.ts';

const steps = (needs: Readonly<Record<string, readonly string[]>>): Step[] =>
  Object.entries(needs).map(([name, below]) => ({ name, needs: below }));

const FAMILY = steps({ one: ['runtime'], two: ['runtime'], runtime: ['base'], base: [], tool: [] });

/** Ends as soon as everything that has begun has had its turn. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('climb', () => {
  it('begins a step when all below it are done, with what they gave', async () => {
    const order: string[] = [];
    const ends = await climb(FAMILY, 9, async ({ name }, below: ReadonlyMap<string, string>) => {
      order.push(name);
      await turn();
      return [name, ...below.values()].join('<');
    });
    expect(order.indexOf('base')).toBeLessThan(order.indexOf('runtime'));
    expect(order.indexOf('runtime')).toBeLessThan(order.indexOf('one'));
    expect(ends.get('one')).toEqual({ state: 'done', value: 'one<runtime<base' });
    expect([...ends.keys()]).toEqual(FAMILY.map(({ name }) => name));
  });

  it.each([1, 2])('has at most %i under way, and as many as that', async (most) => {
    let [now, peak] = [0, 0];
    await climb(FAMILY, most, async () => {
      peak = Math.max(peak, ++now);
      await turn();
      now -= 1;
    });
    expect(peak).toBe(most);
  });

  it('stops what stands on a failure, names it, and goes on beside it', async () => {
    const problem = new Error('no');
    const begun: string[] = [];
    const ends = await climb(FAMILY, 2, ({ name }) => {
      begun.push(name);
      return name === 'base' ? Promise.reject(problem) : Promise.resolve(name);
    });
    expect(begun.toSorted()).toEqual(['base', 'tool']);
    expect(Object.fromEntries(ends)).toEqual({
      base: { state: 'failed', error: problem },
      runtime: { state: 'blocked', by: 'base' },
      one: { state: 'blocked', by: 'base' },
      two: { state: 'blocked', by: 'base' },
      tool: { state: 'done', value: 'tool' },
    });
  });

  it('gives an end also to a step whose work throws at once', async () => {
    const ends = await climb(steps({ only: [] }), 1, () => {
      throw new Error('at once');
    });
    expect(ends.get('only')).toMatchObject({ state: 'failed' });
  });
});
