import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

/** The root of the clone that this program runs from. */
export const SUITE = path.resolve(import.meta.dirname, '../../..');

/** How an action is a command. */
interface CommandForm {
  /** The input that may be given without its name. */
  readonly operand: string;
  /** From the root of the clone. */
  readonly folder: string;
  readonly description?: string;
  /** Inputs that the command decides. */
  readonly fixed?: Readonly<Record<string, string>>;
}

/** Each action that is a command. */
export const ACTION_COMMANDS = {
  build: { operand: 'image', folder: 'actions/build' },
  scan: { operand: 'image', folder: 'actions/scan' },
  sign: { operand: 'image', folder: 'actions/sign' },
  verify: { operand: 'image', folder: 'actions/verify' },
  promote: { operand: 'source', folder: 'actions/promote' },
  prune: { operand: 'package', folder: 'actions/prune' },
  check: {
    operand: 'image',
    folder: '.',
    description: 'Builds, scans and starts the image as a run on GitHub would, and publishes nothing',
    fixed: { push: 'false' },
  },
} as const satisfies Record<string, CommandForm>;

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
  readonly operand: string;
  readonly fixed: Readonly<Record<string, string>>;
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
  const form: CommandForm = ACTION_COMMANDS[name];
  const folder = path.join(SUITE, form.folder);
  const { description, inputs = {}, outputs = {}, runs } = readMetadata(path.join(folder, 'action.yml'));
  return {
    name,
    description: form.description ?? description,
    operand: form.operand,
    fixed: form.fixed ?? {},
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
