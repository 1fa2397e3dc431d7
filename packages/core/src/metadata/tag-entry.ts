import { PlimsollError } from '../runtime/errors.ts';
import { nearest } from '../runtime/nearest.ts';
import { parseRecord } from './csv-record.ts';

/** One line of the `tags` input, in the language of docker/metadata-action. */
export interface TagEntry {
  readonly type: TagType;
  /** The line itself, for messages. */
  readonly line: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Entries with more of it come first. */
  readonly priority: number;
}

interface TypeRule {
  readonly priority: number;
  /** Attributes beside the common ones; `!` marks one that must say something, `?` one that must be there. */
  readonly attributes: readonly string[];
}

const COMMON = ['enable', 'priority', 'prefix', 'suffix'] as const;

const TYPES = {
  schedule: { priority: 1000, attributes: ['pattern'] },
  semver: { priority: 900, attributes: ['pattern!', 'value', 'match'] },
  pep440: { priority: 900, attributes: ['pattern!', 'value', 'match'] },
  match: { priority: 800, attributes: ['pattern!', 'group', 'value'] },
  edge: { priority: 700, attributes: ['branch'] },
  ref: { priority: 600, attributes: ['event!'] },
  raw: { priority: 200, attributes: ['value?'] },
  sha: { priority: 100, attributes: ['format'] },
} as const satisfies Readonly<Record<string, TypeRule>>;

export type TagType = keyof typeof TYPES;

const TYPE_NAMES = Object.keys(TYPES) as TagType[];

/** What only some values may stand in. */
const CHOICES: Readonly<Partial<Record<`${TagType}.${string}`, readonly string[]>>> = {
  'ref.event': ['branch', 'tag', 'pr'],
  'sha.format': ['short', 'long'],
};

/**
 * The entries of the `tags` input, by priority; equal ones in the order in which they were written.
 * @throws PlimsollError `input-invalid`, which names the line and what is wrong in it
 */
export function parseTagEntries(lines: readonly string[]): readonly TagEntry[] {
  return lines.map((line) => parseTagEntry(line)).toSorted((a, b) => b.priority - a.priority);
}

function parseTagEntry(line: string): TagEntry {
  try {
    const { type = 'raw', ...attributes } = readFields(line);
    const known = TYPE_NAMES.find((name) => name === type);
    if (known === undefined) throw new Error(`there is no type "${type}"${suggestion(type, TYPE_NAMES)}`);
    checkAttributes(known, attributes);
    return { type: known, line, attributes, priority: readPriority(attributes['priority'], TYPES[known].priority) };
  } catch (cause) {
    throw badLine('tags', line, cause);
  }
}

/** Names the line of an input and why it cannot be used. */
export function badLine(input: string, line: string, cause: unknown): PlimsollError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new PlimsollError('input-invalid', `The input "${input}" has "${line.slice(0, 200)}": ${why}`, {
    hint: 'Write one entry per line, such as `type=semver,pattern={{version}}`, `type=ref,event=branch` or a literal tag (docs/tags.md).',
    cause,
  });
}

/**
 * The fields of an entry: `key=value`, and one bare field that is the `value`.
 * @throws Error for a repeated key; peers let the last one win, and so lose tags
 */
export function readFields(line: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const field of parseRecord(line)) {
    const at = field.indexOf('=');
    const key = at > 0 ? field.slice(0, at).trim().toLowerCase() : 'value';
    const value = (at > 0 ? field.slice(at + 1) : field).trim();
    if (Object.hasOwn(fields, key)) throw new Error(`"${key}" stands there twice; write one tag per line`);
    fields[key] = value;
  }
  return fields;
}

function checkAttributes(type: TagType, given: Readonly<Record<string, string>>): void {
  const rules: readonly string[] = TYPES[type].attributes;
  const allowed = [...COMMON, ...rules.map(nameOf)];
  for (const [name, value] of Object.entries(given)) {
    if (!allowed.includes(name)) throw new Error(`type=${type} has no "${name}"${suggestion(name, allowed)}`);
    const choices = CHOICES[`${type}.${name}`];
    if (choices !== undefined && !choices.includes(value)) {
      throw new Error(`"${name}=${value}" is none of ${choices.join(', ')}`);
    }
  }
  const missing = rules.find((rule) => isMissing(rule, given[nameOf(rule)]));
  if (missing !== undefined) throw new Error(`type=${type} needs "${nameOf(missing)}="`);
}

const nameOf = (rule: string): string => rule.replace(/[!?]$/, '');

/** `type=raw,value=${{ inputs.tag }}` may come to nothing, and then gives no tag. */
function isMissing(rule: string, value: string | undefined): boolean {
  return rule.endsWith('!') ? !value : rule.endsWith('?') && value === undefined;
}

function readPriority(text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (/^-?\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`"priority=${text}" is not a whole number`);
}

function suggestion(given: string, names: readonly string[]): string {
  const meant = nearest(given, names);
  return meant === undefined ? `; there are: ${names.join(', ')}` : `; did you mean "${meant}"?`;
}
