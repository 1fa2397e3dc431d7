import { nearest } from '@plimsoll/core/runtime/nearest';
import { actionCommand } from './action-command.ts';
import { ACTION_COMMANDS, isActionCommand } from './action-file.ts';
import { generalHelp } from './help.ts';
import { isRepositoryCommand, REPOSITORY_COMMANDS, repositoryCommand } from './repository-command.ts';
import { print, say } from './streams.ts';
import { UsageError } from './usage-error.ts';

async function main([command = '--help', ...args]: readonly string[]): Promise<number> {
  if (isActionCommand(command)) return actionCommand(command, args);
  if (isRepositoryCommand(command)) return repositoryCommand(command, args);
  if (!['--help', '-h', 'help'].includes(command)) throw unknownCommand(command);
  print(generalHelp());
  return 0;
}

function unknownCommand(word: string): UsageError {
  const meant = nearest(word, [...Object.keys(ACTION_COMMANDS), ...Object.keys(REPOSITORY_COMMANDS)]);
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
