import { PlimsollError } from '../runtime/errors.ts';
import { nearest } from '../runtime/nearest.ts';

/** One input that is JSON, and how it looks. */
export interface JsonInput {
  readonly name: 'docker-matrix' | 'images-matrix';
  readonly example: string;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws PlimsollError `input-invalid` */
export function parseJson(input: JsonInput, text: string): unknown {
  try {
    return refuseChangedNumbers(input, text, JSON.parse(text));
  } catch (cause) {
    if (cause instanceof PlimsollError) throw cause;
    throw wrong(input, 'is not JSON', cause);
  }
}

/** A number is never shown: a build argument may hold what should not be in a log. */
function refuseChangedNumbers(input: JsonInput, text: string, parsed: unknown): unknown {
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g)) {
    if (token.startsWith('"') || String(Number(token)) === token) continue;
    throw wrong(
      input,
      'has a number that would become another text, as 1.20 would become 1.2; write it in quotes, "1.20"',
    );
  }
  return parsed;
}

/** A member of the input that is an object with no other keys than these. @throws PlimsollError `input-invalid` */
export function objectOf(input: JsonInput, value: unknown, keys: readonly string[]): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(input, `has ${shown(value)} where an object with ${keys.join(', ')} is due`);
  }
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown === undefined) return value as JsonObject;
  const meant = nearest(unknown, keys);
  const help = meant === undefined ? `known are ${keys.join(', ')}` : `did you mean "${meant}"?`;
  throw wrong(input, `has the unknown key "${unknown.slice(0, 100)}"; ${help}`);
}

/** A list, absent when the key is. @throws PlimsollError `input-invalid` */
export function listOf(input: JsonInput, key: string, value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value as unknown[];
  throw wrong(input, `has ${shown(value)} under "${key}", where a list is due`);
}

/** A text that is not empty, or nothing when the key is absent. @throws PlimsollError `input-invalid` */
export function textOf(input: JsonInput, key: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  throw wrong(input, `has ${shown(value)} under "${key}", where a text is due`);
}

export function wrong({ name, example }: JsonInput, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError('input-invalid', `The input "${name}" ${why}`, { hint: `Write it as ${example}.`, cause });
}

/** As JSON, so that a text cannot be taken for a number; short, because it may be anything. */
function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 100);
}
