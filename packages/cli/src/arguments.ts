import { nearest } from '@plimsoll/core/runtime/nearest';
import type { ActionFile } from './action-file.ts';
import { isSecretInput, variableFor } from './secret-input.ts';
import { UsageError } from './usage-error.ts';

/** What was asked for on the command line. */
export interface ActionArguments {
  /** By input name; several values of one input are its lines. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly help: boolean;
  readonly json: boolean;
  /** Show what the action says only to those who debug it. */
  readonly verbose: boolean;
}

const FLAGS = ['help', 'json', 'verbose'] as const;
type Flag = (typeof FLAGS)[number];

/**
 * Reads `--input value`, `--input=value` and one value without a name.
 * @throws UsageError for an input that action.yml does not have, or a secret
 */
export function readArguments(action: ActionFile, args: readonly string[]): ActionArguments {
  const flags = new Set<Flag>();
  const values = new Map<string, string[]>();
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const { name, value } = split(word, action);
    const flag = FLAGS.find((each) => each === name);
    if (flag !== undefined) flags.add(flag);
    else values.set(name, [...(values.get(name) ?? []), value ?? valueOf(name, action, rest)]);
  }
  const inputs = Object.fromEntries([...values].map(([name, lines]) => [name, lines.join('\n')]));
  return {
    inputs: { ...inputs, ...action.fixed },
    help: flags.has('help'),
    json: flags.has('json'),
    verbose: flags.has('verbose'),
  };
}

function split(word: string, action: ActionFile): { name: string; value?: string } {
  if (word === '-h') return { name: 'help' };
  if (!word.startsWith('--')) return { name: action.operand, value: word };
  const equals = word.indexOf('=');
  const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
  assertKnown(name, action);
  return equals < 0 ? { name } : { name, value: word.slice(equals + 1) };
}

function assertKnown(name: string, action: ActionFile): void {
  if (isSecretInput(name)) {
    throw new UsageError(
      `"--${name}" would show in every list of processes`,
      `Set the variable ${variableFor(name)} instead, or log in with "docker login".`,
    );
  }
  const known = [...action.inputs.map((input) => input.name), ...FLAGS].filter(
    (each) => !Object.hasOwn(action.fixed, each),
  );
  if (known.includes(name)) return;
  const meant = nearest(name, known);
  throw new UsageError(
    `"plimsoll ${action.name}" has no "--${name}"`,
    meant === undefined ? `Try "plimsoll ${action.name} --help".` : `Did you mean "--${meant}"?`,
  );
}

/** A switch needs no value; everything else does. */
function valueOf(name: string, action: ActionFile, rest: string[]): string {
  const isSwitch = /^(?:true|false)$/.test(action.inputs.find((input) => input.name === name)?.default ?? '');
  const next = rest[0];
  if (isSwitch && next !== 'true' && next !== 'false') return 'true';
  if (next === undefined || next.startsWith('--')) {
    throw new UsageError(`"--${name}" needs a value`, `Write "--${name} VALUE", or "--${name}=VALUE".`);
  }
  rest.shift();
  return next;
}
