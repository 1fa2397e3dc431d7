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
    expect(read(text).smokeTests).toMatchObject([expected]);
    expect(smokeTestsFor(text, AMD)).toMatchObject([expected]);
  });

  it.each(['[]', 'rnu: [/bin/check]', '- []\n', 'key: value', '- [', '# nothing\n# at all'])(
    '%j is refused',
    (text) => {
      expect(() => read(text)).toThrow(refusal('input-invalid'));
    },
  );

  it('is for platforms by any of their names, and for no other', () => {
    const [test] = read('- { args: a, platforms: [linux/arm64/v8] }', ['linux/arm64']).smokeTests;
    expect(test?.platforms).toEqual(['linux/arm64']);
    expect(() => read('- { args: a, platforms: [linux/arm64] }')).toThrow(refusal('input-invalid'));
  });

  it('leaves to other shards what is for their platforms', () => {
    const text =
      '- all\n- { args: amd, platforms: [linux/amd64] }\n- { args: arm, platforms: [linux/arm64/v8] }\n- { args: both, platforms: [linux/arm64, linux/amd64] }';
    const names = (platform: string) => {
      const { smokeTests, testsElsewhere } = read(text, [platform], 'shard');
      return [smokeTests, testsElsewhere].map((tests) => tests.map(({ name }) => name).join(' '));
    };
    expect(names('linux/amd64')).toEqual(['all amd both', 'arm']);
    expect(names('linux/arm64')).toEqual(['all arm both', 'amd']);
    expect(names('linux/s390x')).toEqual(['all', 'amd arm both']);
    expect(() => read('- { args: a, platforms: [linux/arm46] }', AMD, 'shard')).toThrow(refusal('input-invalid'));
  });

  it('is for the jobs that build', () => {
    expect(() => read('--version', AMD, 'merge')).toThrow(refusal('input-conflict'));
  });
});

it('a list in a family that has no test is refused', () => {
  expect(() => smokeTestsFor([], AMD)).toThrow(refusal('input-invalid'));
});
