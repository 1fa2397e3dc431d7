import { PlimsollError } from '../runtime/errors.ts';
import type { Place } from '../runtime/log.ts';

/** What a person is told about a failure; made in one place, printed in another. */
export interface FailureText {
  /** Title of the annotation: `Plimsoll <code>`, or `Plimsoll bug`. */
  readonly title: string;
  readonly message: string;
  /** Lines that follow the message in the log: hint, causes, where to read on. */
  readonly lines: readonly string[];
  /** Where the annotation points to. */
  readonly place?: Place | undefined;
}

const DOCS = 'https://github.com/plimsoll-ci/plimsoll/blob/main/docs/troubleshooting.md';
const ISSUES = 'https://github.com/plimsoll-ci/plimsoll/issues/new';
const LONGEST_CAUSE = 500;
const DEEPEST_CAUSE = 8;

/**
 * An expected failure says what happened, what to write and why; no stack, for there is nothing to
 * debug. Anything else is a bug of ours and says where to report it, with the stack.
 */
export function describeFailure(error: unknown): FailureText {
  if (error instanceof PlimsollError) return expected(error);
  const message = error instanceof Error ? `${error.name}: ${error.message}` : `Something was thrown: ${String(error)}`;
  return {
    title: 'Plimsoll bug',
    message,
    lines: [
      'This is a bug in Plimsoll, not in your workflow.',
      ...(error instanceof Error && error.stack !== undefined ? error.stack.split('\n').slice(1) : []),
      ...causes(error),
      `Please report it with the lines above: ${ISSUES}`,
    ],
  };
}

function expected(error: PlimsollError): FailureText {
  return {
    title: `Plimsoll ${error.code}`,
    message: error.message,
    place: error.place,
    lines: [`hint: ${error.hint}`, ...causes(error), `more: ${DOCS}#${error.code}`],
  };
}

/** Messages only, outermost first. A chain that loops or never ends is cut. */
function causes(error: unknown): string[] {
  const lines: string[] = [];
  let cause = error instanceof Error ? error.cause : undefined;
  while (cause !== undefined && cause !== null && lines.length < DEEPEST_CAUSE) {
    lines.push(`cause: ${oneLine(messageOf(cause))}`);
    cause = cause instanceof Error ? (cause.cause ?? firstOf(cause)) : undefined;
  }
  return lines;
}

/** Network errors of Node come as an AggregateError without a message of its own. */
function firstOf(error: Error): unknown {
  return error instanceof AggregateError ? error.errors[0] : undefined;
}

function messageOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause instanceof PlimsollError) return `${cause.message} (${cause.code}). ${cause.hint}`;
  return cause.message || cause.name;
}

function oneLine(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ').trim();
  return flat.length <= LONGEST_CAUSE ? flat : `${flat.slice(0, LONGEST_CAUSE)} …`;
}
