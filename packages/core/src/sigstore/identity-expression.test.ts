import { describe, expect, it } from 'vitest';
import { isFailure } from '../runtime/errors.ts';
import { compileExpression, compileNarrowExpression, isWide } from './identity-expression.ts';

const SHARED = 'https://github.com/acme/org-infra/.github/workflows/publish.yml@refs/tags/v2';

const codeOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return isFailure(error) ? error.code : error;
  }
  return undefined;
};

describe('an expression', () => {
  it.each([
    String.raw`https://github\.com/acme/org-infra/\.github/workflows/\w+\.yml@refs/tags/v\d+`,
    String.raw`^https://github\.com/acme/.*$`,
    String.raw`https://evil\.example/x/.*|https://github\.com/acme/.*`,
  ])('matches the whole identity: %s', (text) => {
    const { matches } = compileExpression(text);
    expect(matches(SHARED)).toBe(true);
    expect(matches(`https://elsewhere.example/?${SHARED}`)).toBe(false);
    expect(matches(`${SHARED}\nmore`)).toBe(text.includes('.*'));
  });

  it('is never found inside of the identity', () => {
    expect(compileExpression('acme/org-infra').matches(SHARED)).toBe(false);
  });

  it.each(['(', '[a', 'a'.repeat(1001)])('is refused when it is none: %.10s', (text) => {
    expect(codeOf(() => compileExpression(text, 'input-invalid'))).toBe('input-invalid');
  });
});

describe('a wide expression', () => {
  it.each([
    '.*',
    'https://github.com/.*',
    String.raw`https://github\.com/(acme|evil)/.*`,
    String.raw`https://github\.com/acme/.*|.*/evil`,
    String.raw`https://github\.com/acme.*`,
    'https://[^/]+/acme/.*',
  ])('does not name one owner: %s', (text) => {
    expect(isWide(text)).toBe(true);
    expect(codeOf(() => compileNarrowExpression(text))).toBe('policy-invalid');
  });

  it.each([
    String.raw`https://github\.com/acme/.*`,
    'https://github.com/acme/(app|tool)/.*',
    String.raw`^https:\/\/github\.com\/acme\/app\/.*$`,
    String.raw`https://github\.com/acme/a.*|https://github\.com/acme/b.*`,
  ])('is not %s', (text) => {
    expect(isWide(text)).toBe(false);
    expect(compileNarrowExpression(text).text).toBe(text);
  });
});
