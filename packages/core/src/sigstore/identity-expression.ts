import type { ErrorCode } from '../runtime/error-codes.ts';
import { PlimsollError } from '../runtime/errors.ts';
import type { IdentityPattern } from './identity-pattern.ts';

const LONGEST = 1000;
/** Scheme, host and owner before anything that is not literal; a dot may be escaped or not. */
const ANCHOR = /^\^?https?:(?:\\?\/){2}[\w\\.:-]+\\?\/[\w\\.-]+\\?\//;

/**
 * Compiles a regular expression that is matched against the whole text, with `^` and `$` or without.
 * @throws PlimsollError `code` when it is none
 */
export function compileExpression(text: string, code: ErrorCode = 'policy-invalid'): IdentityPattern {
  const expression = parse(text, code);
  return { text, matches: (value) => expression.test(value) };
}

/** True when the expression does not say literally whose workflows it is about, such as `.*` or `https://github.com/.*`. */
export function isWide(text: string): boolean {
  return alternatives(text).some((alternative) => !ANCHOR.test(alternative));
}

/** Refuses what {@link isWide}: in a file that says who may sign, for good. @throws PlimsollError `code` */
export function compileNarrowExpression(text: string, code: ErrorCode = 'policy-invalid'): IdentityPattern {
  const pattern = compileExpression(text, code);
  if (!isWide(text)) return pattern;
  throw new PlimsollError(code, `The expression "${text.slice(0, 200)}" does not name one owner`, {
    hint: 'Begin it with scheme, host and owner in plain letters, such as https://github\\.com/acme/[^/]+/\\.github/workflows/release\\.yml@refs/heads/main',
  });
}

function parse(text: string, code: ErrorCode): RegExp {
  try {
    if (text.length <= LONGEST) return new RegExp(`^(?:${text})$`, 'su');
  } catch (cause) {
    throw unusable(text, code, cause);
  }
  throw unusable(text, code);
}

function unusable(text: string, code: ErrorCode, cause?: unknown): PlimsollError {
  return new PlimsollError(code, `"${text.slice(0, 200)}" is not a regular expression`, {
    hint: 'Write a JavaScript regular expression without slashes around it; it is matched against the whole identity.',
    cause,
  });
}

/** Split at `|`, outside of groups and classes. */
function alternatives(text: string): readonly string[] {
  const parts = [''];
  let depth = 0;
  for (const token of text.match(/\\.|[^\\]/gsu) ?? []) {
    if (token === '(' || token === '[') depth += 1;
    if (token === ')' || token === ']') depth -= 1;
    if (token === '|' && depth === 0) parts.push('');
    else parts.push((parts.pop() ?? '') + token);
  }
  return parts;
}
