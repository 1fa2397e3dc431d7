import { expect, test } from 'vitest';
import { settled } from './settled.ts';

test('gives all values in order', async () => {
  expect(await settled([Promise.resolve(1), Promise.resolve('b')])).toEqual([1, 'b']);
});

test('waits for the others before it throws, and throws the first in order', async () => {
  let ended = false;
  const slow = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
    ended = true;
    throw new Error('slow');
  });
  await expect(settled([slow, Promise.reject(new Error('fast'))])).rejects.toThrow('slow');
  expect(ended).toBe(true);
});
