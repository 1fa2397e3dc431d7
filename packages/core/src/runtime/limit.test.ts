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
    limit.pause(5000);
    limit.pause(1000);
    await limit.run(() => Promise.resolve());
    await limit.pass(() => Promise.resolve());
    expect(clock.waits).toEqual([5000]);
  });

  it('does not start what was aborted', async () => {
    const limit = new HostLimit(1, stoppedClock());
    const aborted = AbortSignal.abort(new Error('stop'));
    await expect(limit.run(() => Promise.resolve(), aborted)).rejects.toThrow('stop');
  });
});
