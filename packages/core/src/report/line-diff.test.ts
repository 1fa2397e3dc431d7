import { expect, test } from 'vitest';
import { lineDiff } from './line-diff.ts';

test.each([
  ['nothing', 'a\nb\n', 'a\nb\n', ['…']],
  ['a line more', 'a\nc\n', 'a\nb\nc\n', [' a', '+b', ' c']],
  ['a line less', 'a\nb\nc', 'a\nc', [' a', '-b', ' c']],
  ['another line', 'a\nb\n', 'a\nx\n', [' a', '-b', '+x']],
  ['a new file', '', 'a\n', ['+a']],
  ['a removed file', 'a\nb\n', '', ['-a', '-b']],
  [
    'far apart',
    'a\n1\n2\n3\n4\n5\n6\nb',
    'x\n1\n2\n3\n4\n5\n6\ny',
    ['-a', '+x', ' 1', ' 2', '…', ' 5', ' 6', '-b', '+y'],
  ],
  ['windows line ends', 'a\r\nb\r\n', 'a\nb\n', ['…']],
])('%s', (_name, before, after, lines) => expect(lineDiff(before, after)).toEqual(lines));

test('files of many lines are shown without being compared', () => {
  const many = Array.from({ length: 3_000 }, (_, at) => `line ${at}`).join('\n');
  expect(lineDiff(many, `${many}!`)).toHaveLength(6_000);
});
