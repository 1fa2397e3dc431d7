import { describe, expect, it } from 'vitest';
import { HostLimit } from './limit.ts';

function stoppedClock() {
  const clock = {
    time: 0,
    waits: [] as number[],
    now: () => new Date(clock.time),
    sleep: async (milliseconds: number) => {
      clock.waits.push(milliseconds);
      clock.time += milliseconds;
    },
  };
  return clock;
}

describe('HostLimit', () => {
  it('lets so many through, and the others in order', async () => {
    const limit = new HostLimit(2, stoppedClock());
    const ended: number[] = [];
    let running = 0;
    let most = 0;
    const task = (number: number) => async () => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      ended.push(number);
    };
    await Promise.all([1, 2, 3, 4, 5].map((number) => limit.run(task(number))));
    expect(most).toBe(2);
    expect(ended).toEqual([1, 2, 3, 4, 5]);
  });

  it('gives the place free when a task fails', async () => {
    const limit = new HostLimit(1, stoppedClock());
    await expect(limit.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await limit.run(() => Promise.resolve('yes'))).toBe('yes');
  });

  it('holds everybody back for as long as one was told to wait', async () => {
    const clock = stoppedClock();
    const limit = new HostLimit(4, clock);
    limit.throttled({ after: 5000 });
    limit.throttled({ after: 1000 });
    await limit.run(() => Promise.resolve());
    await limit.pass(() => Promise.resolve());
    expect(clock.waits).toEqual([5000]);
  });

  it('does not start what was aborted', async () => {
    const limit = new HostLimit(1, stoppedClock());
    const aborted = AbortSignal.abort(new Error('stop'));
    await expect(limit.run(() => Promise.resolve(), aborted)).rejects.toThrow('stop');
  });

  it('takes half as many at a time after a refusal, once for all that were under way, and recovers', async () => {
    const clock = stoppedClock();
    const limit = new HostLimit(16, clock);
    for (let refusal = 0; refusal < 16; refusal += 1) limit.throttled({});
    expect(limit.most).toBe(8);
    clock.time += 5_000;
    limit.throttled({});
    expect(limit.most).toBe(4);
    for (let round = 4; round < 16; round += 1)
      for (let one = 0; one < round; one += 1) await limit.run(() => Promise.resolve());
    expect(limit.most).toBe(16);
  });

  it('never stops asking altogether', () => {
    const clock = stoppedClock();
    const limit = new HostLimit(16, clock);
    for (let refusal = 0; refusal < 20; refusal += 1, clock.time += 5_000) limit.throttled({});
    expect(limit.most).toBe(2);
  });

  it('keeps the rate that a refusal names from then on', async () => {
    const clock = stoppedClock();
    const limit = new HostLimit(16, clock);
    limit.throttled({ allowed: { perSecond: 10, burst: 0 } });
    for (let one = 0; one < 5; one += 1) await limit.run(() => Promise.resolve());
    expect(clock.waits).toEqual([100, 100, 100, 100]);
  });

  it('keeps what is known of a kind, and of no other', async () => {
    const clock = stoppedClock();
    const limit = new HostLimit(16, clock, { tags: { perSecond: 5, burst: 2 } });
    for (let one = 0; one < 5; one += 1) await limit.pass(() => Promise.resolve(), undefined, 'manifests');
    expect(clock.waits).toEqual([]);
    for (let one = 0; one < 5; one += 1) await limit.pass(() => Promise.resolve(), undefined, 'tags');
    expect(clock.waits).toEqual([200, 200]);
  });
});
