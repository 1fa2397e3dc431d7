import { describe, expect, it } from 'vitest';
import { commaEntriesOf, entriesOf, writeEntry } from './input-entries.ts';

const texts = (text: string) => entriesOf('labels', text).map((entry) => entry.text);

describe('entriesOf', () => {
  it.each<[string, string, string[]]>([
    ['lines', 'A=1\r\n\n # no\n B=2 #c \n', ['A=1', 'B=2 #c']],
    ['a quoted entry', '"A=a,b"', ['A=a,b']],
    ['one of several lines', 'A=1\n"B=x\r\n# y\n\nz=1"\nC=3', ['A=1', 'B=x\r\n# y\n\nz=1', 'C=3']],
    ['doubled quotes', '"A=say ""yes"""', ['A=say "yes"']],
    ['what quotes keep', '" A= b "\n"#c=d"', [' A= b ', '#c=d']],
    ['quotes within a line', 'A={"a":1,"b":"2"}\nB=x,"y"\nC="z"', ['A={"a":1,"b":"2"}', 'B=x,"y"', 'C="z"']],
    ['nothing', '\n""\n" "\n', []],
  ])('reads %s', (_name, text, expected) => {
    expect(texts(text)).toEqual(expected);
  });

  it.each(['"A=hunter2', '"A=1" hunter2', '"A"=hunter2', '"A=hunter2","B=2"'])('refuses %s, and keeps it', (text) => {
    expect(() => texts(text)).toThrow(expect.objectContaining({ code: 'input-invalid' }));
    expect(() => texts(text)).not.toThrow('hunter2');
  });
});

it.each(['A=1', '#a=1', '"A=1"', 'A=x\ny="1"', 'A=x ', 'A=x,"y"'])('writes %j so that it is read again', (text) => {
  expect(texts(`X=1\n${writeEntry(text)}\nY=1`)).toEqual(['X=1', text, 'Y=1']);
});

it('separates by commas whatever is quoted', () => {
  expect(commaEntriesOf('a, b\n# c,d\n"e","f"\n"g, h",\n')).toEqual(['a', 'b', 'e', 'f', 'g', 'h']);
});
