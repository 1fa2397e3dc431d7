import { expect, it } from 'vitest';
import { Memory } from './memory.ts';

it('makes a thing once, also for those who ask meanwhile', async () => {
  const memory = new Memory();
  let made = 0;
  const make = () => Promise.resolve(++made);
  expect(await Promise.all([memory.once('a', make), memory.once('a', make), memory.once('b', make)])).toEqual([
    1, 1, 2,
  ]);
  expect(await memory.once('a', make)).toBe(1);
});

it('gives everybody the failure', async () => {
  const memory = new Memory();
  const fails = () => Promise.reject(new Error('no'));
  await expect(memory.once('a', fails)).rejects.toThrow('no');
  await expect(memory.once('a', () => Promise.resolve(1))).rejects.toThrow('no');
});
