import * as v from 'valibot';
import { PlimsollError } from '../runtime/errors.ts';
import { nearest } from '../runtime/nearest.ts';
import { splitWords } from './argv.ts';
import { parseDuration } from './duration.ts';
import type { OutputRule, SmokeTest } from './smoke-test.ts';

const DEFAULT_TIMEOUT = '60s';
/** Longer than anything that is still a smoke test. */
const LONGEST_MS = 3_600_000;
/** What shells and loaders say of a program that they could not start, so nobody can expect them of one that was. */
const NOT_STARTED = [126, 127];

const text = v.pipe(
  v.string(),
  v.nonEmpty('must not be empty'),
  v.check((value) => !value.includes('\0'), 'has a NUL'),
);
const oneOrMore = <S extends v.GenericSchema>(schema: S) => v.union([schema, v.array(schema)]);
const words = v.union([
  v.string(),
  v.array(
    v.pipe(
      v.string(),
      v.check((word) => !word.includes('\0'), 'has a NUL'),
    ),
  ),
]);
const output = v.union([
  text,
  v.strictObject({ contains: v.optional(oneOrMore(text)), matches: v.optional(oneOrMore(text)) }),
]);
const exitCode = v.pipe(v.number(), v.integer('is no whole number'), v.minValue(0), v.maxValue(255));
const MEMBERS = {
  name: v.optional(text),
  run: v.optional(words),
  args: v.optional(words),
  'exit-code': v.optional(oneOrMore(exitCode), 0),
  stdout: v.optional(output, {}),
  stderr: v.optional(output, {}),
  platforms: v.optional(v.array(text), []),
  timeout: v.optional(text, DEFAULT_TIMEOUT),
};
const test = v.strictObject(MEMBERS);
type WrittenTest = v.InferOutput<typeof test>;

/**
 * The smoke tests of an image, as they stand in YAML: one command line, one test, or a list of either.
 *
 * @param value plain values of YAML
 * @param input what messages call it, such as `smoke-test`
 * @throws PlimsollError `input-invalid`, `input-conflict`
 */
export function readSmokeTests(value: unknown, input = 'smoke-test'): readonly SmokeTest[] {
  const listed = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  if (listed.length === 0) throw refused(input, 'is an empty list, and would test nothing');
  return listed.map((each, index) => {
    const where = Array.isArray(value) ? `${input}[${index}]` : input;
    return smokeTest(typeof each === 'string' ? { args: each } : each, where);
  });
}

function smokeTest(value: unknown, where: string): SmokeTest {
  // To the schema an empty list is an object that says nothing.
  if (Array.isArray(value))
    throw refused(where, 'is a list inside the list', 'Write "args: [...]" or "run: [...]" before it.');
  const parsed = v.safeParse(test, value);
  if (!parsed.success) throw refused(where, describe(parsed.issues[0], value));
  const { name, run, args, stdout, stderr, platforms } = parsed.output;
  if (run !== undefined && args !== undefined) {
    throw new PlimsollError('input-conflict', `"${where}" has both "run" and "args"`, {
      hint: 'Write "run" with all its arguments to start another program, or "args" alone to give arguments to ENTRYPOINT.',
    });
  }
  return {
    name: name ?? nameOf(run, args),
    ...(run === undefined ? {} : { run: listOf(run, `${where}.run`) }),
    ...(args === undefined ? {} : { args: listOf(args, `${where}.args`) }),
    exitCodes: exitCodes(parsed.output, where),
    stdout: ruleOf(stdout, `${where}.stdout`),
    stderr: ruleOf(stderr, `${where}.stderr`),
    platforms,
    timeoutMs: timeoutOf(parsed.output, where),
  };
}

function nameOf(run: WrittenTest['run'], args: WrittenTest['args']): string {
  const shown = (given: string | readonly string[]) => (typeof given === 'string' ? given : given.join(' ')).trim();
  if (run !== undefined) return shown(run);
  return args === undefined ? 'starts by itself' : shown(args) || 'starts without arguments';
}

function listOf(given: string | readonly string[], where: string): readonly string[] {
  const split = typeof given === 'string' ? splitWords(given) : { words: given };
  if ('problem' in split) {
    const at = split.at === undefined ? '' : ` (${split.at})`;
    throw refused(
      where,
      `${split.problem}${at}`,
      'No shell reads it. Quote it, or write "run: [sh, -c, …]" where the image has a shell.',
    );
  }
  if (where.endsWith('.run') && split.words.length === 0) throw refused(where, 'names no program');
  return split.words;
}

function exitCodes({ 'exit-code': given }: WrittenTest, where: string): readonly number[] {
  const codes = [given].flat();
  const reserved = codes.find((code) => NOT_STARTED.includes(code));
  if (reserved === undefined && codes.length > 0) return codes;
  if (codes.length === 0) throw refused(`${where}.exit-code`, 'is an empty list');
  throw refused(
    `${where}.exit-code`,
    `expects ${reserved}, which says that a program could not be started`,
    'Expect a code that only the program itself can give.',
  );
}

function ruleOf(given: WrittenTest['stdout'], where: string): OutputRule {
  if (typeof given === 'string') return { contains: [given], matches: [] };
  const { contains = [], matches = [] } = given;
  return { contains: [contains].flat(), matches: [matches].flat().map((source) => expression(source, where)) };
}

function expression(source: string, where: string): RegExp {
  try {
    return new RegExp(source, 'm');
  } catch (cause) {
    throw refused(
      `${where}.matches`,
      (cause as Error).message,
      'Write a regular expression of JavaScript, without slashes.',
    );
  }
}

function timeoutOf({ timeout }: WrittenTest, where: string): number {
  const milliseconds = parseDuration(timeout);
  if (milliseconds !== undefined && milliseconds > 0 && milliseconds <= LONGEST_MS) return milliseconds;
  throw refused(
    `${where}.timeout`,
    `is "${timeout.slice(0, 50)}"`,
    'Write a time such as "30s" or "5m", at most an hour.',
  );
}

function describe(issue: v.BaseIssue<unknown>, value: unknown): string {
  const path = v.getDotPath(issue);
  if (path === null) return `is ${value === null ? 'empty' : 'neither a command line nor a test'}`;
  if (issue.expected !== 'never')
    return `has something else than expected at "${path}"${issue.kind === 'validation' ? `: ${issue.message}` : ''}`;
  const meant = nearest(path, Object.keys(MEMBERS));
  return `has an unknown key "${path}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`;
}

function refused(where: string, why: string, hint?: string): PlimsollError {
  return new PlimsollError('input-invalid', `"${where}": ${why}`, {
    hint:
      hint ??
      `Write arguments such as "--version", or a list of tests, each with some of: ${Object.keys(MEMBERS).join(', ')}.`,
  });
}
