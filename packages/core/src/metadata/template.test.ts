import { describe, expect, it } from 'vitest';
import { constant, render } from './template.ts';

const expressions = { branch: constant('main') };

describe('a template', () => {
  it.each([
    ['[{"a":{"b":1}}]', '[{"a":{"b":1}}]'],
    ['{"a":{"b":"{{branch}}"}}', '{"a":{"b":"main"}}'],
    ['}} {{branch}} }}', '}} main }}'],
  ])('leaves closing braces alone: %s', (text, expected) => {
    expect(render(text, expressions)).toBe(expected);
  });
});
