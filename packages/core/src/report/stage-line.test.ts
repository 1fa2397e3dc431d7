import { expect, test } from 'vitest';
import { seconds, stageLine } from './stage-line.ts';

test('aligns the outcome of every stage', () => {
  expect(stageLine('scan', 'pass', 2140)).toBe('✔ scan      pass (2.1 s)');
  expect(stageLine('promote', 'done', 60)).toBe('✔ promote   done (0.1 s)');
});

test('writes long durations in minutes', () => {
  expect(seconds(99_940)).toBe('99.9 s');
  expect(seconds(185_000)).toBe('3 min 5 s');
});
