import { expect, test } from 'vitest';
import { parseDockerfile, stagesBelow } from './stages.ts';

const shape = (text: string) =>
  parseDockerfile(text).stages.map(({ from, base, name, steps }) => ({
    line: from.line,
    base,
    name,
    steps: steps.map((step) => `${step.line} ${step.keyword} ${step.text}`),
  }));

test('instructions have the line on which they begin, whatever stands between continued lines', () => {
  const text = ['# syntax=x', '', 'ARG V=1', 'FROM Alpine:3 AS Build', 'run a && \\', '# why', '', '    b', 'CMD c'];
  expect(shape(text.join('\n'))).toEqual([
    { line: 4, base: 'Alpine:3', name: 'build', steps: ['5 RUN a &&     b', '9 CMD c'] },
  ]);
});

test('the lines of a heredoc are no instructions, and << elsewhere is text', () => {
  const text = ['FROM x', 'RUN <<A cat <<-"B"', 'FROM y', 'A', 'COPY z', '\tB', 'ENV n="<<A"', 'COPY <<E /e', 'x', 'E'];
  expect(shape(text.join('\n'))[0]?.steps.map((step) => step.slice(0, 6))).toEqual(['2 RUN ', '7 ENV ', '8 COPY']);
});

test('another escape character, flags and Windows line ends are understood', () => {
  const text = '# escape=`\r\nFROM --platform=$BUILDPLATFORM a\r\nRUN x `\r\n  C:\\\r\nUSER 1\r\n';
  expect(shape(text)).toEqual([{ line: 2, base: 'a', name: undefined, steps: ['3 RUN x   C:\\', '5 USER 1'] }]);
});

test('a stage stands on the stages that it names, and nothing else', () => {
  const { stages } = parseDockerfile(
    'FROM a AS one\nFROM b AS two\nFROM one AS three\nFROM three\nCOPY --from=two / /\n',
  );
  const lines = (target?: string) => stagesBelow(stages, target).map(({ from }) => from.line);
  expect(lines()).toEqual([1, 3, 4]);
  expect(lines('TWO')).toEqual([2]);
  expect(lines('0')).toEqual([1]);
  expect(lines('nobody')).toEqual([]);
  expect(stagesBelow([])).toEqual([]);
});

test('what stands before the first stage is no part of one', () => {
  const { before, stages } = parseDockerfile('ARG A=1\nARG B=2\nFROM a\nARG C=3\n');
  expect(before.map(({ text }) => text)).toEqual(['A=1', 'B=2']);
  expect(stages[0]?.steps.map(({ text }) => text)).toEqual(['C=3']);
});
