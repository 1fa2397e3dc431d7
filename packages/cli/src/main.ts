import { nearest } from '@plimsoll/core/runtime/nearest';
import { actionCommand } from './action-command.ts';
import { ACTION_COMMANDS, isActionCommand } from './action-file.ts';
import { generalHelp } from './general-help.ts';
import { runOwnCommand } from './own-command.ts';
import { OWN_COMMANDS } from './own-commands.ts';
import { print, say } from './streams.ts';
import { UsageError } from './usage-error.ts';

async function main([command = '--help', ...args]: readonly string[]): Promise<number> {
  if (isActionCommand(command)) return actionCommand(command, args);
  const own = Object.hasOwn(OWN_COMMANDS, command) ? OWN_COMMANDS[command] : undefined;
  if (own !== undefined) return runOwnCommand(command, own, args);
  if (!['--help', '-h', 'help'].includes(command)) throw unknownCommand(command);
  print(generalHelp());
  return 0;
}

function unknownCommand(word: string): UsageError {
  const meant = nearest(word, [...Object.keys(ACTION_COMMANDS), ...Object.keys(OWN_COMMANDS)]);
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
