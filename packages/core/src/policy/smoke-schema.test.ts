import { describe, expect, it } from 'vitest';
import { readSmokeTests } from './smoke-schema.ts';
import { argvOf, shortcomings } from './smoke-test.ts';

const NOTHING = { contains: [], matches: [] };
const DEFAULTS = { exitCodes: [0], stdout: NOTHING, stderr: NOTHING, platforms: [], timeoutMs: 60_000 };

describe('readSmokeTests', () => {
  it.each<readonly [unknown, object]>([
    ['--version', { name: '--version', args: ['--version'] }],
    [{}, { name: 'starts by itself' }],
    [{ args: [] }, { name: 'starts without arguments', args: [] }],
    [
      { run: ['sh', '-c', 'a | b'], name: 'pipe' },
      { name: 'pipe', run: ['sh', '-c', 'a | b'] },
    ],
    [
      { 'exit-code': [2, 3], timeout: '5m', platforms: ['linux/arm64'] },
      { exitCodes: [2, 3], timeoutMs: 300_000 },
    ],
    [{ stdout: 'a', stderr: { matches: '^b$' } }, { stdout: { contains: ['a'], matches: [] } }],
  ])('reads %j', (value, expected) => {
    const tests = readSmokeTests(value);
    expect(tests).toHaveLength(1);
    expect({ ...DEFAULTS, ...tests[0] }).toMatchObject(expected);
  });

  it('reads a list', () => {
    expect(readSmokeTests(['a', { args: 'b' }]).map(({ args }) => args)).toEqual([['a'], ['b']]);
  });

  it.each<readonly [unknown, string]>([
    [null, 'smoke-test'],
    [[], 'empty list'],
    [[[]], 'smoke-test[0]'],
    [[['--version']], 'smoke-test[0]'],
    [7, 'smoke-test'],
    [[true], 'smoke-test[0]'],
    [{ arg: 'x' }, 'did you mean "args"'],
    [{ run: '' }, 'names no program'],
    [{ run: [] }, 'names no program'],
    [{ args: 'a | b' }, 'needs a shell (|)'],
    [{ args: ['a\0'] }, 'args'],
    [{ 'exit-code': 126 }, 'could not be started'],
    [{ 'exit-code': [1, 127] }, 'could not be started'],
    [{ 'exit-code': [] }, 'empty list'],
    [{ 'exit-code': 256 }, 'exit-code'],
    [{ 'exit-code': '1' }, 'exit-code'],
    [{ stdout: '' }, 'stdout'],
    [{ stdout: { matches: '(' } }, 'stdout.matches'],
    [{ timeout: '0s' }, 'timeout'],
    [{ timeout: 5 }, 'timeout'],
    [{ timeout: '2h' }, 'timeout'],
  ])('refuses %j', (value, part) => {
    const refusal = { code: 'input-invalid', message: expect.stringContaining(part) as string };
    expect(() => readSmokeTests(value)).toThrow(expect.objectContaining(refusal) as Error);
  });
});

it.each<readonly [object, readonly string[]]>([
  [{}, ['/entry', 'cmd']],
  [{ args: ['a'] }, ['/entry', 'a']],
  [{ args: [] }, ['/entry']],
  [{ run: ['sh'] }, ['sh']],
])('%j starts %j, as docker run does', (test, argv) => {
  expect(argvOf(test, { entrypoint: ['/entry'], cmd: ['cmd'] })).toEqual(argv);
});

it('says all that is lacking', () => {
  const [test] = readSmokeTests({
    'exit-code': [1, 2],
    stdout: ['a'].at(0),
    stderr: { contains: 'b', matches: ['^c', 'd$'] },
  });
  expect(test && shortcomings(test, { exitCode: 0, stdout: '', stderr: 'x\nc\n' })).toEqual([
    'it ended with exit code 0, not 1 or 2',
    'stdout does not contain "a"',
    'stderr does not contain "b"',
    'stderr does not match /d$/m',
  ]);
  expect(test && shortcomings(test, { exitCode: 2, stdout: 'a', stderr: 'b\nc\nd' })).toEqual([]);
});
