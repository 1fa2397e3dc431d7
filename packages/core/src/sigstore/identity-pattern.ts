import type { ErrorCode } from '../runtime/error-codes.ts';
import { PlimsollError } from '../runtime/errors.ts';

/** A compiled identity or ref, always matched against the whole text. */
export interface IdentityPattern {
  readonly text: string;
  readonly matches: (value: string) => boolean;
}

/** Characters that a regular expression needs and that neither a workflow identity nor a git ref has. */
const REGULAR_EXPRESSION = /\.[*+]|[\\^[\]?]|^\/.*\/$|\$$/;

/** Scheme, host and owner must be literal: everything after them is chosen by that owner, nobody else. */
const ANCHOR = /^[a-z][a-z0-9+.-]*:\/\/[^/*]+\/[^/*]+(?:\/|$)/;

/**
 * Compiles an exact identity, or one with wildcards: `*` for any text within one path segment, `**` for any
 * text at all. There are no regular expressions, because one that is not anchored matches `https://evil.example/?https://github.com/...` too.
 *
 * @throws PlimsollError `code` for a regular expression, or when the owner is not literal
 */
export function compileIdentity(text: string, code: ErrorCode = 'policy-invalid'): IdentityPattern {
  if (REGULAR_EXPRESSION.test(text)) throw refuse(code, text, 'is a regular expression');
  if (text.includes('*') && !ANCHOR.test(text)) throw refuse(code, text, 'does not name one owner');
  return compile(text);
}

/** Compiles a git ref such as `refs/heads/main` or `refs/tags/v*`, with the same wildcards. */
export function compileRef(text: string, code: ErrorCode = 'policy-invalid'): IdentityPattern {
  if (text.startsWith('refs/') && !REGULAR_EXPRESSION.test(text)) return compile(text);
  throw new PlimsollError(code, `"${text.slice(0, 200)}" is not a full git ref`, {
    hint: 'Write refs/heads/main, refs/tags/v* or the like; * stands for any text up to the next slash.',
  });
}

function compile(text: string): IdentityPattern {
  if (!text.includes('*')) return { text, matches: (value) => value === text };
  const source = text
    .split(/(\*+)/)
    .map((part) => (part.startsWith('*') ? (part.length > 1 ? '.*' : '[^/@]*') : escaped(part)))
    .join('');
  const expression = new RegExp(`^(?:${source})$`, 'su');
  return { text, matches: (value) => expression.test(value) };
}

function escaped(text: string): string {
  return text.replace(/[$()*+./?[\\\]^{|}]/g, '\\$&');
}

function refuse(code: ErrorCode, text: string, reason: string): PlimsollError {
  return new PlimsollError(code, `The identity "${text.slice(0, 200)}" ${reason}`, {
    hint: 'Write the exact identity, such as https://github.com/owner/name/.github/workflows/release.yml@refs/heads/main. * stands for any text within one path segment, after scheme, host and owner.',
  });
}
