import { describe, expect, it } from 'vitest';
import { readInputs } from './inputs.ts';
import { readSmokeInput, smokeTestsFor } from './smoke-input.ts';

const AMD = ['linux/amd64'];

const read = (text: string, platforms: readonly string[] = AMD, mode = 'single') => {
  const env = { 'INPUT_SMOKE-TEST': text, INPUT_MODE: mode };
  return readSmokeInput(readInputs(['smoke-test', 'mode'], env, { mask: () => undefined }), platforms);
};
const refusal = (code: string) => expect.objectContaining({ code }) as Error;

describe('the input smoke-test', () => {
  it.each<readonly [string, object]>([
    ['--version', { args: ['--version'] }],
    ['time:zone', { args: ['time:zone'] }],
    ['run: [/bin/check, now]', { run: ['/bin/check', 'now'] }],
    ['"run": /bin/check now', { run: ['/bin/check', 'now'] }],
    ['stdout: moin', { stdout: { contains: ['moin'], matches: [] } }],
    ['- --version', { args: ['--version'] }],
    ['{ args: --version }', { args: ['--version'] }],
  ])('%j is one test', (text, expected) => {
    expect(read(text)).toMatchObject([expected]);
    expect(smokeTestsFor(text, AMD)).toMatchObject([expected]);
  });

  it.each(['[]', 'rnu: [/bin/check]', '- []\n', 'key: value', '- [', '# nothing\n# at all'])(
    '%j is refused',
    (text) => {
      expect(() => read(text)).toThrow(refusal('input-invalid'));
    },
  );

  it('is for the jobs that build', () => {
    expect(() => read('--version', AMD, 'merge')).toThrow(refusal('input-conflict'));
  });
});

it('a list in a family that has no test is refused', () => {
  expect(() => smokeTestsFor([], AMD)).toThrow(refusal('input-invalid'));
});
