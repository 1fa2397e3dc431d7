import { describe, expect, it } from 'vitest';
import { parseSize } from './size.ts';
import { checkLimits } from './limits.ts';
import { compileTagPattern } from './tag-pattern.ts';
import { classifyTag, type TagRules } from './tags.ts';

const none: TagRules = { immutable: [], moving: [] };

describe('classifyTag', () => {
  it.each([
    [`sha-${'a'.repeat(40)}`, 'immutable'],
    [`sha-${'a'.repeat(64)}`, 'immutable'],
    [`sha-${'a'.repeat(40)}-100-2`, 'immutable'],
    ['sha-aaaaaaa', 'moving'],
    ['v1.2.3', 'immutable'],
    ['1.2.3-rc.1', 'immutable'],
    ['1.2', 'moving'],
    ['1', 'moving'],
    ['latest', 'moving'],
    ['main', 'moving'],
  ])('%s is %s without rules', (tag, expected) => {
    expect(classifyTag(tag, none)).toBe(expected);
  });

  it('takes the word of whoever knows that a name is made of a version', () => {
    expect(classifyTag('app-1.2.3', none, true)).toBe('immutable');
    expect(classifyTag('app-1.2.3', { ...none, moving: [compileTagPattern('app-*')] }, true)).toBe('moving');
  });

  it('lets the policy add and take away, but never for commits', () => {
    const rules: TagRules = {
      immutable: ['rc-*', '!rc-next', '24.*'].map(compileTagPattern),
      moving: ['*'].map(compileTagPattern),
    };
    expect(classifyTag('rc-1', rules)).toBe('immutable');
    expect(classifyTag('rc-next', rules)).toBe('moving');
    expect(classifyTag('24.04', rules)).toBe('immutable');
    expect(classifyTag('1.2.3', rules)).toBe('moving');
    expect(classifyTag(`sha-${'a'.repeat(40)}`, rules)).toBe('immutable');
  });
});

describe('limits', () => {
  it.each([
    ['500MB', 500_000_000],
    ['2GiB', 2_147_483_648],
    ['1.5 KiB', 1536],
    ['12', undefined],
    ['-1MB', undefined],
    ['1mb', undefined],
  ])('parseSize(%j) is %j', (text, expected) => {
    expect(parseSize(text)).toBe(expected);
  });

  it('refuse the heaviest platform', () => {
    const platforms = [
      { platform: 'linux/amd64', size: 10 },
      { platform: 'linux/arm64', size: 12 },
    ];
    expect(() => checkLimits({ imageSize: 12, over: 'fail' }, platforms)).not.toThrow();
    expect(checkLimits({ imageSize: 11, over: 'warn' }, platforms)).toContain('the policy allows 11');
    expect(() => checkLimits({ imageSize: undefined, over: 'fail' }, platforms)).not.toThrow();
    expect(() => checkLimits({ imageSize: 11, over: 'fail' }, platforms)).toThrowError(
      expect.objectContaining({ code: 'limit-exceeded', message: expect.stringContaining('linux/arm64') }),
    );
  });
});
