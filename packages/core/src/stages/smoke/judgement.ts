import type { Digest } from '../../oci/digest.ts';
import { shortcomings, type SmokeTest } from '../../policy/smoke-test.ts';
import type { ErrorCode } from '../../runtime/error-codes.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import type { RunEnd } from '../../tools/image-run.ts';

/** `unknown`: it could not be run there, so nothing is known. */
export type SmokeOutcome = 'passed' | 'failed' | 'timeout' | 'not-started' | 'unknown';

/** One test on one platform. */
export interface SmokeResult {
  /** Name of the test. */
  readonly test: string;
  readonly platform: string;
  /** Of the platform's manifest, as it is published. */
  readonly digest: Digest;
  readonly outcome: SmokeOutcome;
  /** Why it did not pass; empty when it did. */
  readonly detail: string;
  readonly milliseconds: number;
}

/** What the end of a program says about the image. Pure. */
export function judged(test: SmokeTest, end: RunEnd): Pick<SmokeResult, 'outcome' | 'detail'> {
  switch (end.kind) {
    case 'ended': {
      const lacking = shortcomings(test, end);
      if (lacking.length === 0) return { outcome: 'passed', detail: '' };
      const cut = end.clipped ? '; BuildKit cut its output, so the rest cannot be told' : '';
      return { outcome: 'failed', detail: `${lacking.join('; ')}${cut}` };
    }
    case 'timeout':
      return { outcome: 'timeout', detail: `it did not end within ${test.timeoutMs / 1000} s` };
    case 'not-started':
      return { outcome: end.foreign ? 'unknown' : 'not-started', detail: `it was not started: ${end.reason}` };
    case 'unknown':
      return { outcome: 'unknown', detail: end.reason };
  }
}

/** The worst first: what is known to be wrong before what is not known. */
const FAILURES: readonly { readonly outcome: SmokeOutcome; readonly code: ErrorCode; readonly hint: string }[] = [
  {
    outcome: 'failed',
    code: 'smoke-failed',
    hint: 'What it wrote is in the log above. Correct the image, or what the test expects ("exit-code", "stdout", "stderr").',
  },
  {
    outcome: 'timeout',
    code: 'smoke-timeout',
    hint: 'Write arguments with which it ends by itself, such as "--version", or "timeout: 5m" in the test.',
  },
  {
    outcome: 'not-started',
    code: 'smoke-not-started',
    hint: 'Check that the program is in the image and may be executed by its USER, with its interpreter and libraries.',
  },
  {
    outcome: 'unknown',
    code: 'smoke-incomplete',
    hint: 'Build this platform on a native runner ("mode: shard", with the "matrix" output), install QEMU (docker/setup-qemu-action), or write "platforms:" in the test to leave it out. If the builder is native, the program is made for another processor.',
  },
];

/**
 * Every test passed on every platform that it is for, and there was one.
 * @throws PlimsollError `smoke-failed`, `smoke-timeout`, `smoke-not-started`, `smoke-incomplete`
 */
export function requireSmoke(results: readonly SmokeResult[]): void {
  if (results.length === 0) throw nothingRan();
  for (const { outcome, code, hint } of FAILURES) {
    const found = results.filter((result) => result.outcome === outcome);
    const [first] = found;
    if (first === undefined) continue;
    const more = results.filter((result) => result.outcome !== 'passed').length - 1;
    const message = `The smoke test "${first.test}" on ${first.platform}: ${first.detail}`;
    throw new PlimsollError(code, more === 0 ? message : `${message} (and ${more} more)`, { hint });
  }
}

function nothingRan(): PlimsollError {
  return new PlimsollError('smoke-incomplete', 'The image has no platform on which its smoke tests run', {
    hint: 'Write "platforms:" of the tests as the image has them, or leave them out.',
  });
}
