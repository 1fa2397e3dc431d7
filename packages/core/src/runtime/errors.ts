import type { ErrorCode } from './error-codes.ts';
import type { Place } from './log.ts';

/** What a failure carries beside its code and message. */
export interface FailureDetail {
  /** Which line to write or which command to run. Always actionable, never a restatement. */
  readonly hint: string;
  readonly cause?: unknown;
  /** Where in the user's files the fault is, when it is in one. */
  readonly place?: Place | undefined;
}

/**
 * An expected failure: somebody can act on it, so it is shown without a stack.
 * Anything else that is thrown is a bug of ours and is shown with one.
 */
export class PlimsollError extends Error {
  override readonly name = 'PlimsollError';
  readonly code: ErrorCode;
  readonly hint: string;
  readonly place: Place | undefined;

  constructor(code: ErrorCode, message: string, detail: FailureDetail) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.hint = detail.hint;
    this.place = detail.place;
  }
}

/** True for an expected failure, of one of the given codes when any are given. */
export function isFailure(error: unknown, ...codes: readonly ErrorCode[]): error is PlimsollError {
  return error instanceof PlimsollError && (codes.length === 0 || codes.includes(error.code));
}
