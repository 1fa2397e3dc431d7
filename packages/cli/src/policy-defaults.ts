import { readFileSync } from 'node:fs';
import path from 'node:path';
import { SUITE } from './action-file.ts';

/** The part of a JSON schema that says what is there when nothing is written. */
interface Schema {
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** The policy in its own words with every default of the published schema filled in. */
export function withDefaults(written: unknown): unknown {
  return fill(JSON.parse(readFileSync(path.join(SUITE, 'schema/policy.schema.json'), 'utf8')) as Schema, written ?? {});
}

function fill(schema: Schema, written: unknown): unknown {
  const value = written === undefined ? schema.default : written;
  if (schema.properties === undefined || typeof value !== 'object' || value === null) return value;
  const given = value as Readonly<Record<string, unknown>>;
  const filled = Object.entries(schema.properties).map(([key, inner]) => [key, fill(inner, given[key])] as const);
  return Object.fromEntries(filled.filter(([, inner]) => inner !== undefined));
}
