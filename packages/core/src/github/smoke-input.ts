import { parseDocument } from 'yaml';
import { readSmokeTests } from '../policy/smoke-schema.ts';
import type { SmokeTest } from '../policy/smoke-test.ts';
import { PlimsollError } from '../runtime/errors.ts';
import type { Inputs } from './inputs.ts';
import { readPlatforms } from './platforms-input.ts';

/** What is tested in this job. */
export interface SmokeInput {
  readonly smokeTests: readonly SmokeTest[];
  /** Tests of platforms that another job builds. */
  readonly testsElsewhere: readonly SmokeTest[];
}

/**
 * The `smoke-test` input: one line is a command line, anything else YAML. A platform that the image does not have is
 * refused here, before it is built; a shard cannot know those of the others, and leaves their tests to them.
 *
 * @param platforms `os/architecture[/variant]` that this job builds
 * @throws PlimsollError `input-invalid`, `input-conflict`
 */
export function readSmokeInput(inputs: Inputs<'smoke-test' | 'mode'>, platforms: readonly string[]): SmokeInput {
  const text = inputs.text('smoke-test');
  const mode = inputs.text('mode');
  if (text === undefined) return { smokeTests: [], testsElsewhere: [] };
  if (mode === 'merge') throw merged();
  if (mode !== 'shard') return { smokeTests: smokeTestsFor(text, platforms), testsElsewhere: [] };
  const [smokeTests, testsElsewhere] = parted(readTests(text), platforms);
  return { smokeTests, testsElsewhere };
}

/**
 * @param given a text as the input has it, or what the YAML around it says
 * @throws PlimsollError `input-invalid`
 */
export function smokeTestsFor(given: unknown, platforms: readonly string[]): readonly SmokeTest[] {
  const tests = readTests(given);
  for (const { name, platforms: own } of tests) {
    const foreign = own.find((platform) => !platforms.includes(platform));
    if (foreign !== undefined) throw notOfImage(name, foreign, platforms);
  }
  return tests;
}

function readTests(given: unknown): readonly SmokeTest[] {
  const tests = given === undefined ? [] : readSmokeTests(typeof given === 'string' ? fromText(given) : given);
  return tests.map((test) => {
    const { platforms } = test;
    return platforms.length === 0 ? test : { ...test, platforms: readPlatforms(platforms, 'smoke-test') };
  });
}

function parted(tests: readonly SmokeTest[], built: readonly string[]): [readonly SmokeTest[], readonly SmokeTest[]] {
  const isHere = ({ platforms }: SmokeTest) =>
    platforms.length === 0 || platforms.some((platform) => built.includes(platform));
  return [tests.filter(isHere), tests.filter((test) => !isHere(test))];
}

/** How a test begins in YAML; also with a key that is misspelt, which would else be arguments that a program ignores. */
const YAML = /^(?:- |\[|\{|(["']?)[a-z][a-z-]*\1:(?:\s|$))/i;

function fromText(text: string): unknown {
  return text.trim().includes('\n') || YAML.test(text.trimStart()) ? fromYaml(text) : text;
}

function fromYaml(text: string): unknown {
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: true, version: '1.2' });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem === undefined) return document.toJS();
  throw new PlimsollError('input-invalid', `The input "smoke-test" is not YAML: ${problem.message}`, {
    hint: 'Write one line of arguments, or a list of tests, such as "- args: --version"; arguments that look like YAML as "args: [\'key: value\']". Quote what begins with "@", "`" or "%".',
  });
}

function notOfImage(name: string, platform: string, platforms: readonly string[]): PlimsollError {
  return new PlimsollError('input-invalid', `The smoke test "${name}" is for ${platform}, which is not built`, {
    hint: `The platforms of this image are: ${platforms.join(', ')}.`,
  });
}

function merged(): PlimsollError {
  return new PlimsollError('input-conflict', '"smoke-test" is for the jobs that build, and the mode is "merge"', {
    hint: 'Write it in the jobs with "mode: shard": each tests its platforms before it pushes them, on its own processor.',
  });
}
