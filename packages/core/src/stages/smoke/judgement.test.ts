import { describe, expect, it } from 'vitest';
import { readSmokeTests } from '../../policy/smoke-schema.ts';
import type { RunEnd } from '../../tools/image-run.ts';
import { judged, requireSmoke, type SmokeOutcome, type SmokeResult } from './judgement.ts';

const [test] = readSmokeTests({ stdout: 'ahoy' });
const texts = { stdout: '', stderr: '' };

it.each<readonly [RunEnd, SmokeOutcome]>([
  [{ kind: 'ended', exitCode: 0, stdout: 'ahoy', stderr: '', clipped: true }, 'passed'],
  [{ kind: 'ended', exitCode: 0, ...texts, clipped: false }, 'failed'],
  [{ kind: 'timeout', ...texts }, 'timeout'],
  [{ kind: 'not-started', reason: 'x', foreign: false }, 'not-started'],
  [{ kind: 'not-started', reason: 'x', foreign: true }, 'unknown'],
  [{ kind: 'unknown', reason: 'x' }, 'unknown'],
])('%j is %s', (end, outcome) => {
  expect(test && judged(test, end).outcome).toBe(outcome);
});

describe('requireSmoke', () => {
  const of = (...outcomes: readonly SmokeOutcome[]): readonly SmokeResult[] =>
    outcomes.map((outcome) => ({
      test: 't',
      platform: 'linux/amd64',
      digest: `sha256:${'a'.repeat(64)}`,
      outcome,
      detail: '',
      milliseconds: 1,
    }));

  it('lets pass what passed everywhere', () => {
    expect(() => requireSmoke(of('passed', 'passed'))).not.toThrow();
  });

  it.each<readonly [readonly SmokeOutcome[], string]>([
    [[], 'smoke-incomplete'],
    [['passed', 'unknown'], 'smoke-incomplete'],
    [['unknown', 'not-started'], 'smoke-not-started'],
    [['not-started', 'timeout'], 'smoke-timeout'],
    [['timeout', 'unknown', 'failed'], 'smoke-failed'],
  ])('throws the worst of %j', (outcomes, code) => {
    expect(() => requireSmoke(of(...outcomes))).toThrow(expect.objectContaining({ code }) as Error);
  });
});
