import { expect, it } from 'vitest';
import { declaredArguments, filledIn } from './arguments.ts';
import { dockerfileSteps } from './steps.ts';

const args = new Map([
  ['A', 'a'],
  ['NONE', ''],
  ['HIDDEN', undefined],
]);

it.each([
  ['x', 'x'],
  ['$A-${A}', 'a-a'],
  ['$B${B}x', 'x'],
  ['${B:-x}${B-y}${NONE:-z}${NONE-q}', 'xyz'],
  ['${A:+x}${B:+y}${NONE+z}', 'xz'],
  ['${B:-${A}/${C:-c}}', 'a/c'],
  ['"$A"\'$A\'', 'a$A'],
  ['\\$A', '$A'],
])('%s is filled in as %s', (text, filled) => {
  expect(filledIn(text, args)).toBe(filled);
});

it.each(['${A#x}', '${A/a/b}', '${A', '${', '$HIDDEN', '${HIDDEN:-x}', 'x$'])('%s cannot be told', (text) => {
  expect(filledIn(text, args)).toBeUndefined();
});

it('several are declared at once, and values keep their quotes', () => {
  const steps = [...dockerfileSteps('ARG A B=1 C="x y" D=a=b\nENV E=1\nRUN <<EOF\nARG F\nEOF\n')];
  expect(declaredArguments(steps)).toEqual([
    { name: 'A', value: undefined },
    { name: 'B', value: '1' },
    { name: 'C', value: '"x y"' },
    { name: 'D', value: 'a=b' },
  ]);
});
