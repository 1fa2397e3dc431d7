import { parseArgs } from 'node:util';
import { nearest } from '@plimsoll/core/runtime/nearest';
import { print } from './streams.ts';
import { UsageError } from './usage-error.ts';

/** An option of a command that is no action: `--name`, or `--name VALUE` where `value` says what. */
export interface Option {
  readonly description: string;
  readonly value?: string;
}

/** A command that is no action. */
export interface OwnCommand {
  readonly description: string;
  /** What it takes without a name, as help writes it; absent for nothing. */
  readonly operands?: string;
  readonly options: Readonly<Record<string, Option>>;
  /** @returns the exit code */
  run(asked: Asked): Promise<number>;
}

/** What was asked of one. */
export interface Asked {
  readonly operands: readonly string[];
  readonly has: (option: string) => boolean;
  readonly value: (option: string) => string | undefined;
}

export async function runOwnCommand(name: string, command: OwnCommand, args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    print(ownHelp(name, command));
    return 0;
  }
  return command.run(readOwnArguments(name, command, args));
}

/** @throws UsageError for an option that the command does not have */
export function readOwnArguments(name: string, command: OwnCommand, args: readonly string[]): Asked {
  const { values, positionals } = parse(name, command, args);
  if (positionals.length > 0 && command.operands === undefined) {
    throw new UsageError(`"plimsoll ${name}" takes no "${positionals[0]}"`, `Try "plimsoll ${name} --help".`);
  }
  return {
    operands: positionals,
    has: (option) => values[option] !== undefined,
    value: (option) => (typeof values[option] === 'string' ? values[option] : undefined),
  };
}

function parse(name: string, { options }: OwnCommand, args: readonly string[]) {
  const declared = Object.entries(options).map(
    ([option, { value }]) => [option, { type: value === undefined ? 'boolean' : 'string' }] as const,
  );
  try {
    return parseArgs({ args: [...args], options: Object.fromEntries(declared), allowPositionals: true });
  } catch (cause) {
    const written = args.find((arg) => arg.startsWith('-'))?.replace(/^-+/, '') ?? '';
    const meant = nearest(written, Object.keys(options));
    throw new UsageError(
      `plimsoll ${name}: ${(cause as Error).message.split('. ')[0]}`,
      meant === undefined ? `Try "plimsoll ${name} --help".` : `Did you mean "--${meant}"?`,
    );
  }
}

function ownHelp(name: string, { description, operands, options }: OwnCommand): string {
  const rows = Object.entries(options).map(([option, { description: meaning, value }]) => {
    const written = value === undefined ? `--${option}` : `--${option} ${value}`;
    return `  ${written.padEnd(18)} ${meaning}`;
  });
  const usage = `Usage: plimsoll ${name}${operands === undefined ? '' : ` ${operands}`} [OPTION]...`;
  return [usage, `${description}.`, ...(rows.length === 0 ? [] : [rows.join('\n')])].join('\n\n');
}
