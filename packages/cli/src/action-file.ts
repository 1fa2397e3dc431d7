import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

/** The root of the clone that this program runs from. */
export const SUITE = path.resolve(import.meta.dirname, '../../..');

/** Each action that is a command, with the input that may be given without its name. */
export const ACTION_COMMANDS = {
  build: 'image',
  scan: 'image',
  sign: 'image',
  verify: 'image',
  promote: 'source',
  prune: 'package',
} as const;

export type ActionCommand = keyof typeof ACTION_COMMANDS;

export interface DeclaredInput {
  readonly name: string;
  readonly description: string;
  /** Unevaluated, as action.yml has it. */
  readonly default: string;
  readonly required: boolean;
}

/** What action.yml says of an action; the one source of its inputs, its help and its defaults. */
export interface ActionFile {
  readonly name: ActionCommand;
  readonly description: string;
  readonly inputs: readonly DeclaredInput[];
  readonly outputs: readonly { readonly name: string; readonly description: string }[];
  /** The bundle that the runner starts, absolute. */
  readonly bundle: string;
}

interface Written {
  readonly description?: string;
  readonly default?: string | number | boolean;
  readonly required?: boolean;
}

interface Metadata {
  readonly description: string;
  readonly inputs?: Readonly<Record<string, Written>>;
  readonly outputs?: Readonly<Record<string, Written>>;
  readonly runs: { readonly main: string };
}

export function isActionCommand(word: string): word is ActionCommand {
  return Object.hasOwn(ACTION_COMMANDS, word);
}

export function readActionFile(name: ActionCommand): ActionFile {
  const folder = path.join(SUITE, 'actions', name);
  const { description, inputs = {}, outputs = {}, runs } = readMetadata(path.join(folder, 'action.yml'));
  return {
    name,
    description,
    inputs: Object.entries(inputs).map(([input, written]) => ({
      name: input,
      description: written.description ?? '',
      default: String(written.default ?? '').trim(),
      required: written.required ?? false,
    })),
    outputs: Object.entries(outputs).map(([output, written]) => ({
      name: output,
      description: written.description ?? '',
    })),
    bundle: path.resolve(folder, runs.main),
  };
}

function readMetadata(file: string): Metadata {
  return parse(readFileSync(file, 'utf8')) as Metadata;
}
