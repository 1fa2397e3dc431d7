import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

test('runs no more tasks at a time than there are slots, in order, also when one fails', async () => {
  const slots = new Slots(2);
  let running = 0;
  let most = 0;
  const order: number[] = [];
  const task = (number: number) => async () => {
    order.push(number);
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    if (number === 1) throw new Error('broken');
  };
  const ends = await Promise.allSettled([1, 2, 3, 4, 5].map((number) => slots.run(task(number))));
  expect(most).toBe(2);
  expect(order).toEqual([1, 2, 3, 4, 5]);
  expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(1);
});
