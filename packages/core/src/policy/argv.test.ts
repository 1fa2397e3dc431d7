import { expect, it } from 'vitest';
import { splitWords } from './argv.ts';

it.each<readonly [string, readonly string[]]>([
  ['', []],
  ['  --version  ', ['--version']],
  ['a  b\tc', ['a', 'b', 'c']],
  [`'two  words' "it's" pre'fix'"ed"`, ['two  words', "it's", 'prefixed']],
  [`"" ''`, ['', '']],
  ['a\\ b "\\"\\\\x" \'\\\'', ['a b', '"\\x', '\\']],
  [`'$HOME' "\\$HOME" \\$HOME '|' "a;b"`, ['$HOME', '$HOME', '$HOME', '|', 'a;b']],
])('%j has the words %j', (line, words) => {
  expect(splitWords(line)).toEqual({ words });
});

it.each([
  ['a | b', '|'],
  ['a && b', '&'],
  ['a > b', '>'],
  ['echo $HOME', '$'],
  ['echo "$HOME"', '$'],
  ['echo "`id`"', '`'],
  ['x;y', ';'],
])('%j needs a shell', (line, at) => {
  expect(splitWords(line)).toEqual({ problem: 'it needs a shell', at });
});

it.each([`'a`, `"a`, 'a\\'])('%j is not closed', (line) => {
  expect(splitWords(line)).toEqual({ problem: 'a quote is not closed' });
});
