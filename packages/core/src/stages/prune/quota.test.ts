import { sceneWith } from '@plimsoll/testkit/github/prune-scene';
import { describe, expect, it } from 'vitest';
import { budgetFor } from './quota.ts';

const quota = (remaining: number, limit = 1_000) => ({ limit, remaining, resetAt: 0 });

describe('budget', () => {
  it.each([
    [100, undefined, { now: 100, later: 0, runs: 0 }],
    [100, quota(1_000), { now: 100, later: 0, runs: 0 }],
    [1_000, quota(1_000), { now: 465, later: 535, runs: 2 }],
    [1_000, quota(500), { now: 220, later: 780, runs: 2 }],
    [10, quota(40), { now: 0, later: 10, runs: 1 }],
    [10_000, quota(5_000, 5_000), { now: 2_327, later: 7_673, runs: 4 }],
  ])('of %i deletions with %j', (deletions, left, expected) => {
    expect(budgetFor(deletions, left)).toMatchObject(expected);
  });

  it('says how long it takes at the pace of deletions', () => {
    expect([budgetFor(170, undefined).minutes, budgetFor(171, undefined).minutes]).toEqual([1, 2]);
  });
});

describe('a token with 1,000 requests an hour', () => {
  it('prunes a large package in several runs, none of which runs dry', async () => {
    const at = sceneWith();
    at.shapes.image('kept', { tags: ['v1.0.0'] });
    for (let number = 0; number < 200; number += 1) at.shapes.multiPlatform(`${number}`, { tags: [`dev-${number}`] });
    at.wait(10);
    const done: number[] = [];
    for (let run = 0; run < 3; run += 1) {
      at.planes.limit = quota(1_000);
      const planned = await at.plan();
      const { now } = budgetFor(planned.plan.delete.length, at.planes.quota());
      const whole = planned.plan.delete.slice(0, now);
      const { failure, deleted } = await at.apply({ ...planned, plan: { ...planned.plan, delete: whole } });
      expect(failure).toBeUndefined();
      expect(at.state.broken()).toEqual([]);
      done.push(deleted.length);
    }
    expect([done.reduce((sum, one) => sum + one, 0), at.state.count]).toEqual([1_000, 1]);
    expect(Math.min(...done.slice(0, 2))).toBeGreaterThan(440);
  });

  it('refuses a list that it cannot read to its end, before it uses up the hour', async () => {
    const at = sceneWith();
    at.planes.pageSize = 1;
    for (let number = 0; number < 60; number += 1) at.shapes.image(`${number}`);
    for (const [limit, hint] of [
      [40, 'a higher limit'],
      [1_000, 'Run again after 00:00 UTC'],
    ] as const) {
      at.planes.limit = quota(40, limit);
      await expect(at.plan()).rejects.toMatchObject({
        code: 'github-rate-limited',
        hint: expect.stringContaining(hint),
      });
      expect(at.planes.limit.remaining).toBeGreaterThan(30);
    }
  });
});
