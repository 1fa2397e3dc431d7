import { describe, expect, it } from 'vitest';
import { isRefused, type LicenceRules } from './licences.ts';

const allow: LicenceRules = { allow: ['MIT', 'Apache-2.0', 'BSD-*'], deny: [], unknown: 'pass' };
const deny: LicenceRules = { allow: [], deny: ['AGPL-*', 'GPL-3.0*'], unknown: 'pass' };

describe('a list of allowed licences', () => {
  it.each([
    ['MIT', false],
    ['mit', false],
    ['BSD-3-Clause', false],
    ['GPL-2.0-only', true],
    ['MIT OR GPL-3.0-only', false],
    ['(MIT OR GPL-3.0-only)', false],
    ['MIT AND GPL-3.0-only', true],
    ['MIT AND (GPL-2.0-only OR Apache-2.0)', false],
    ['GPL-2.0-only OR MIT AND ISC', true],
    ['Apache-2.0 WITH LLVM-exception', false],
    ['UNLICENSED', true],
    ['SEE LICENSE IN x', true],
    ['', true],
    ['(MIT', true],
    ['MITX', true],
    ['BSD-3-Clause, GPL-3.0-only', true],
    ['BSD-3-Clause/GPL-3.0-only', true],
    ['BSD-3-Clause\nGPL-3.0-only', true],
  ])('%j: refused is %s', (expression, refused) => expect(isRefused(expression, allow)).toBe(refused));
});

describe('a list of denied licences', () => {
  it.each([
    ['MIT', false],
    ['AGPL-3.0-or-later', true],
    ['GPL-3.0-only WITH Classpath-exception-2.0', true],
    ['MIT OR AGPL-3.0-only', false],
    ['MIT AND AGPL-3.0-only', true],
    ['Public Domain', false],
    ['MIT, AGPL-3.0-only', true],
    ['MIT/AGPL-3.0-only', true],
    ['(AGPL-3.0-only', true],
    ['MIT | agpl-3.0-only', true],
    ['MIT\u00a0OR "AGPL-3.0-only"', true],
    ['MIT, Apache-2.0', false],
    ['MIT/X11', false],
  ])('%s: refused is %s', (expression, refused) => expect(isRefused(expression, deny)).toBe(refused));

  it.each(['('.repeat(200_000), `${'('.repeat(200_000)}AGPL-3.0-only${')'.repeat(200_000)}`])(
    'judges what is nested deeper than a stack',
    (text) => expect(isRefused(text, deny)).toBe(text.includes('AGPL')),
  );

  it('allows any text by * alone', () => {
    expect(isRefused('see LICENSE, or ask', { allow: ['*'], deny: [], unknown: 'pass' })).toBe(false);
  });

  it('wins over allowed ones', () => {
    expect(isRefused('GPL-3.0-only', { ...deny, allow: ['GPL-*'] })).toBe(true);
    expect(isRefused('GPL-2.0-only', { ...deny, allow: ['GPL-*'] })).toBe(false);
  });
});
