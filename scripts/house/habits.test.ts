import { describe, expect, it } from 'vitest';
import { checkHabits } from './habits.mjs';

describe('checkHabits', () => {
  it('names the file, the line and the reason', () => {
    const word = ['FIX', 'ME'].join('');
    expect(checkHabits('packages/core/src/a.ts', `ok\n// ${word} later\n`)).toEqual([
      `packages/core/src/a.ts:2: "${word}": finish it, or open an issue`,
    ]);
  });

  it('limits the length of a file, and of an entry file more', () => {
    expect(checkHabits('packages/core/src/a.ts', '\n'.repeat(200))).toEqual([]);
    expect(checkHabits('packages/core/src/a.ts', '\n'.repeat(201))).toHaveLength(1);
    expect(checkHabits('actions/scan/src/main.ts', '\n'.repeat(61))).toHaveLength(1);
  });

  it('refuses names that say nothing', () => {
    expect(checkHabits('packages/core/src/utils.ts', '')).toHaveLength(1);
  });
});
