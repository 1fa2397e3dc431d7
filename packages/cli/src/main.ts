import { isActionCommand, readActionFile } from './action-file.ts';
import { ACTION_COMMANDS } from './action-file.ts';
import { readArguments } from './arguments.ts';
import { actionHelp, generalHelp } from './help.ts';
import { nearest } from '@plimsoll/core/runtime/nearest';
import { runAction } from './run-action.ts';
import { UsageError } from './usage-error.ts';

const print = (text: string) => void process.stdout.write(`${text}\n`);
const say = (text: string) => void process.stderr.write(`${text}\n`);

async function main([command = '--help', ...args]: readonly string[]): Promise<number> {
  if (['--help', '-h', 'help'].includes(command)) {
    print(generalHelp());
    return 0;
  }
  if (!isActionCommand(command)) throw unknownCommand(command);
  const action = readActionFile(command);
  const { inputs, help, json, verbose } = readArguments(action, args);
  if (help) {
    print(actionHelp(action));
    return 0;
  }
  const { exitCode, outputs, annotations } = await runAction({
    action,
    inputs,
    verbose,
    env: process.env,
    cwd: process.cwd(),
    log: say,
  });
  const errors = annotations.flatMap(({ kind, title, message }) =>
    kind === 'error' ? [{ code: title ?? null, message }] : [],
  );
  if (json) print(JSON.stringify({ command, ok: exitCode === 0, exitCode, outputs, errors }, undefined, 2));
  else for (const [name, value] of Object.entries(outputs)) if (value !== '') print(`${name}: ${indented(value)}`);
  return exitCode;
}

function indented(value: string): string {
  return value.includes('\n')
    ? value
        .split('\n')
        .map((line) => `\n  ${line}`)
        .join('')
    : value;
}

function unknownCommand(word: string): UsageError {
  const meant = nearest(word, Object.keys(ACTION_COMMANDS));
  const hint = meant === undefined ? 'Try "plimsoll --help".' : `Did you mean "plimsoll ${meant}"?`;
  return new UsageError(`There is no command "${word}"`, hint);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  say(`error usage: ${error.message}\n${error.hint}`);
  process.exitCode = 2;
}
