import { describe, expect, it } from 'vitest';
import { nearest } from './nearest.ts';

describe('nearest', () => {
  it.each([
    ['platfroms', 'platforms'],
    ['build_args', 'build-args'],
    ['IMAGE', 'image'],
    ['zzzzzz', undefined],
    ['', undefined],
  ])('of %j is %j', (word, expected) => {
    expect(nearest(word, ['image', 'platforms', 'build-args'])).toBe(expected);
  });
});
