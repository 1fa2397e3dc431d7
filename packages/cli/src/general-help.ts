import { ACTION_COMMANDS, type ActionCommand, readActionFile } from './action-file.ts';
import { EXIT_CODES } from './help.ts';
import { OWN_COMMANDS } from './own-commands.ts';

export function generalHelp(): string {
  const names = Object.keys(ACTION_COMMANDS) as ActionCommand[];
  const rows = names.map((name) => row(name, readActionFile(name).description));
  const others = Object.entries(OWN_COMMANDS).map(([name, { description }]) => row(name, description));
  return `Usage: plimsoll COMMAND [--INPUT VALUE]...

About an image; each is the action of the same name, with the same inputs, run by the same bundle:
${rows.join('\n')}

About policies, errors and the repository of the current directory:
${others.join('\n')}

"plimsoll COMMAND --help" lists the inputs of a command.

${EXIT_CODES}`;
}

function row(name: string, description: string): string {
  return `  ${name.padEnd(11)} ${description}`;
}
