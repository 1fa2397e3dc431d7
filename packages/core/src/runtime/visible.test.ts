import { expect, test } from 'vitest';
import { visible } from './visible.ts';

test.each([
  ['a\rb\r\nc\nd', 'a\nb\nc\nd'],
  ['a\u2028b\u2029c\vd\fe\u0085f', 'a\nb\nc\nd\ne\nf'],
  ['\u0000\u001b[31m\u007f\t', '␀␛[31m␡\t'],
  ['a\u202eb\u009bc', 'a[U+202E]b[U+009B]c'],
  ['é ✅ 漢', 'é ✅ 漢'],
])('%j', (text, shown) => {
  expect(visible(text)).toBe(shown);
});
