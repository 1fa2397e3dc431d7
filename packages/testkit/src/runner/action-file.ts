import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

const ROOT = path.resolve(import.meta.dirname, '../../../..');

/** What the runner reads of an action. */
export interface ActionFile {
  /** The script, absolute. */
  readonly main: string;
  /** Defaults by input name, unevaluated; every declared input is here. */
  readonly defaults: Readonly<Record<string, string>>;
}

interface Metadata {
  readonly inputs?: Readonly<Record<string, { readonly default?: string | number | boolean } | null>>;
  readonly runs: { readonly using: string; readonly main: string };
}

/** Reads `actions/<name>/action.yml`, or the root's for `pipeline`. */
export function readActionFile(name: string): ActionFile {
  const folder = name === 'pipeline' ? ROOT : path.join(ROOT, 'actions', name);
  const metadata = parse(readFileSync(path.join(folder, 'action.yml'), 'utf8')) as Metadata;
  if (metadata.runs.using !== 'node24') throw new Error(`${name} does not use node24`);
  const main = path.resolve(folder, metadata.runs.main);
  const defaults = Object.entries(metadata.inputs ?? {}).map(([input, spec]) => [input, String(spec?.default ?? '')]);
  return { main, defaults: Object.fromEntries(defaults) as Record<string, string> };
}

/** Evaluates `${{ github.token }}` and the like. @throws for an expression that has no value here */
export function evaluate(text: string, contexts: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{\{\s*([\w.-]+)\s*\}\}/g, (_match, name: string) => {
    const value = contexts[name];
    if (value === undefined) throw new Error(`the default "${text}" needs ${name}, which this runner does not have`);
    return value;
  });
}
