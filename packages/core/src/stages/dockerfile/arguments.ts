import type { DockerfileStep } from './steps.ts';

/** One of those that an `ARG` declares. */
export interface DeclaredArgument {
  readonly name: string;
  /** Its default as it is written, quotes and all. */
  readonly value: string | undefined;
}

const WORD = /(?:'[^']*'|"(?:\\[^]|[^"\\])*"|\\[^]|[^\s'"\\])+/g;

/** What the `ARG` instructions among some declare; of the others nothing. */
export function declaredArguments(steps: readonly DockerfileStep[]): readonly DeclaredArgument[] {
  const words = steps.flatMap(({ keyword, text }) => (keyword === 'ARG' ? (text.match(WORD) ?? []) : []));
  return words.map((word) => {
    const [name = '', value] = word.split(/=([^]*)/);
    return { name, value };
  });
}

/** A word that is being read. */
interface Reading {
  readonly text: string;
  readonly args: ReadonlyMap<string, string | undefined>;
  at: number;
  /** Whether something was there that is not read here. */
  isUnclear: boolean;
}

/**
 * A word with its arguments filled in and its quotes taken off, as BuildKit does it (frontend/dockerfile/shell, lex.go).
 *
 * @param args one that is there without a value is not known here
 * @returns nothing where it cannot be told
 */
export function filledIn(text: string, args: Reading['args']): string | undefined {
  const reading: Reading = { text, args, at: 0, isUnclear: false };
  const filled = readUntil(reading, '');
  return reading.isUnclear ? undefined : filled;
}

function readUntil(reading: Reading, stop: string): string {
  let read = '';
  while (reading.at < reading.text.length) {
    const char = reading.text.charAt(reading.at);
    reading.at += 1;
    if (char === stop) return read;
    if (char === '$') read += readVariable(reading);
    else if (char === "'") read += take(reading, /[^']*'?/y).replace("'", '');
    else if (char === '\\') read += take(reading, /[^]?/y);
    else if (char !== '"') read += char;
  }
  if (stop !== '') reading.isUnclear = true;
  return read;
}

/** `$NAME`, `${NAME}`, and `${NAME:-word}` and its like; other forms are unclear. */
function readVariable(reading: Reading): string {
  const plain = take(reading, /\w+/y);
  if (plain !== '') return valueOf(reading, plain) ?? '';
  const [, name = '', operator = ''] = /^\{(\w+)(\}|:?[-+])$/.exec(take(reading, /\{\w+(?:\}|:?[-+])/y)) ?? [];
  if (name === '') reading.isUnclear = true;
  const value = valueOf(reading, name);
  if (operator === '}' || name === '') return value ?? '';
  const word = readUntil(reading, '}');
  const isThere = value !== undefined && !(operator.startsWith(':') && value === '');
  if (operator.endsWith('+')) return isThere ? word : '';
  return isThere ? value : word;
}

function valueOf(reading: Reading, name: string): string | undefined {
  const value = reading.args.get(name);
  if (value === undefined && reading.args.has(name)) reading.isUnclear = true;
  return value;
}

function take(reading: Reading, pattern: RegExp): string {
  pattern.lastIndex = reading.at;
  const [taken = ''] = pattern.exec(reading.text) ?? [];
  reading.at += taken.length;
  return taken;
}
