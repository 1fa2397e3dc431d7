import { PlimsollError } from '../runtime/errors.ts';
import { insteadOf } from './foreign-inputs.ts';
import { commaEntriesOf, entriesOf } from './input-entries.ts';
import { nearest } from '../runtime/nearest.ts';

/** Reads the inputs of one action. Everything is trimmed; an empty input is an absent one, as for the runner. */
export interface Inputs<Name extends string = string> {
  text(name: Name): string | undefined;
  /** @throws PlimsollError `input-missing` */
  required(name: Name): string;
  /** As {@link text}, and the value is masked from then on. */
  secret(name: Name): string | undefined;
  /** YAML 1.2 booleans only; absent is `fallback`. @throws PlimsollError `input-invalid` */
  boolean(name: Name, fallback?: boolean): boolean;
  /** One value per line; blank lines and lines that start with `#` are left out. */
  lines(name: Name): readonly string[];
  /** As {@link lines}; an entry in double quotes is what stands between them. @throws PlimsollError `input-invalid` */
  entries(name: Name): readonly string[];
  /** Values separated by commas or line ends, such as `platforms`. */
  list(name: Name): readonly string[];
  /** One of `allowed`; absent is `fallback`, or the first. @throws PlimsollError `input-invalid` */
  choice<const Choice extends string>(name: Name, allowed: readonly [Choice, ...Choice[]], fallback?: Choice): Choice;
  /** `KEY=VALUE` {@link entries}, in order; a value may contain `=`. @throws PlimsollError `input-invalid` */
  pairs(name: Name): Readonly<Record<string, string>>;
}

/** Something that keeps a value out of every log. */
export interface Masker {
  mask(value: string): void;
}

const PREFIX = 'INPUT_';
const TRUE = new Set(['true', 'True', 'TRUE']);
const FALSE = new Set(['false', 'False', 'FALSE']);

/**
 * Takes the inputs out of the environment, once.
 * @param names every input that action.yml declares
 * @throws PlimsollError `input-unknown` for an input that is not declared, naming the nearest that is
 */
export function readInputs<Name extends string>(
  names: readonly Name[],
  env: Readonly<Record<string, string | undefined>>,
  masker: Masker,
): Inputs<Name> {
  refuseUnknown(names, env);
  const values = new Map(names.map((name) => [name, (env[variableOf(name)] ?? '').trim()]));
  return new EnvironmentInputs(values, masker);
}

/** `dry-run` is `INPUT_DRY-RUN`: the runner upper-cases and turns spaces, not hyphens, into underscores. */
export function variableOf(name: string): string {
  return PREFIX + name.replaceAll(' ', '_').toUpperCase();
}

function refuseUnknown(names: readonly string[], env: Readonly<Record<string, string | undefined>>): void {
  const known = new Set(names.map(variableOf));
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith(PREFIX) || known.has(variable) || !value) continue;
    const given = variable.slice(PREFIX.length).toLowerCase();
    throw new PlimsollError('input-unknown', `This action has no input "${given}"`, {
      hint: hintFor(given, variable, names),
    });
  }
}

function hintFor(given: string, variable: string, names: readonly string[]): string {
  const instead = insteadOf(given, names);
  if (instead !== undefined) return `Remove "${given}:" from "with:"; ${instead}`;
  const meant = nearest(given, names);
  return meant === undefined
    ? `Remove "${given}:" from "with:" (or the variable ${variable} from "env:"). The inputs are: ${names.join(', ')}.`
    : `Did you mean "${meant}:"? Otherwise remove "${given}:" from "with:".`;
}

class EnvironmentInputs<Name extends string> implements Inputs<Name> {
  readonly #values: ReadonlyMap<Name, string>;
  readonly #masker: Masker;

  constructor(values: ReadonlyMap<Name, string>, masker: Masker) {
    this.#values = values;
    this.#masker = masker;
  }

  text(name: Name): string | undefined {
    return this.#values.get(name) || undefined;
  }

  required(name: Name): string {
    const value = this.text(name);
    if (value !== undefined) return value;
    throw new PlimsollError('input-missing', `The input "${name}" is required`, {
      hint: `Write "${name}: ..." under "with:" of this step; an expression that is empty counts as absent.`,
    });
  }

  secret(name: Name): string | undefined {
    const value = this.text(name);
    if (value !== undefined) this.#masker.mask(value);
    return value;
  }

  boolean(name: Name, fallback = false): boolean {
    const value = this.text(name);
    if (value === undefined) return fallback;
    if (TRUE.has(value)) return true;
    if (FALSE.has(value)) return false;
    throw invalid(name, value, `Write "${name}: true" or "${name}: false".`);
  }

  lines(name: Name): readonly string[] {
    return (this.text(name) ?? '')
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
  }

  entries(name: Name): readonly string[] {
    return entriesOf(name, this.text(name) ?? '').map(({ text }) => text);
  }

  list(name: Name): readonly string[] {
    return commaEntriesOf(this.text(name) ?? '');
  }

  choice<const Choice extends string>(
    name: Name,
    allowed: readonly [Choice, ...Choice[]],
    fallback: Choice = allowed[0],
  ): Choice {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const found = allowed.find((choice) => choice === value);
    if (found !== undefined) return found;
    const meant = nearest(value, allowed);
    throw invalid(name, value, `Write one of: ${allowed.join(', ')}.${meant ? ` Did you mean "${meant}"?` : ''}`);
  }

  pairs(name: Name): Readonly<Record<string, string>> {
    const pairs = new Map<string, string>();
    for (const { text, quoted } of entriesOf(name, this.text(name) ?? '')) {
      const at = text.indexOf('=');
      const key = text.slice(0, Math.max(at, 0)).trim();
      const value = text.slice(at + 1);
      // The line itself is not shown: a build argument may hold what should not be in a log.
      if (key === '') throw invalid(name, undefined, `Write one KEY=VALUE per line under "${name}: |".`);
      if (pairs.has(key)) throw invalid(name, key, `Give the key "${key}" once.`);
      pairs.set(key, quoted ? value : value.trim());
    }
    return Object.fromEntries(pairs);
  }
}

function invalid(name: string, value: string | undefined, hint: string): PlimsollError {
  const shown = value === undefined ? 'a line without a key and "="' : `"${value.slice(0, 200)}"`;
  return new PlimsollError('input-invalid', `The input "${name}" has ${shown}, which is not allowed`, { hint });
}
