import { ACTION_COMMANDS, type ActionCommand, readActionFile } from './action-file.ts';
import { type CompletedCommand, completionScript, SHELLS } from './completion-script.ts';
import type { OwnCommand } from './own-command.ts';
import { isSecretInput } from './secret-input.ts';
import { print } from './streams.ts';
import { UsageError } from './usage-error.ts';

/** @param own the commands that are no actions; asked for late, because this one is among them */
export function completionCommand(own: () => Readonly<Record<string, OwnCommand>>): OwnCommand {
  return {
    description: 'Prints the script with which a shell completes commands and their options',
    operands: SHELLS.join('|'),
    options: { json: { description: 'The script as a member of one JSON object' } },
    run: async ({ operands, has }) => {
      const shell = SHELLS.find((each) => each === operands[0]);
      if (shell === undefined) {
        throw new UsageError(
          'Nothing says for which shell',
          'Write: source <(npx plimsoll completion bash), or zsh; for fish: npx plimsoll completion fish | source.',
        );
      }
      const script = completionScript(shell, [...actions(), ...others(own())]);
      print(has('json') ? JSON.stringify({ shell, script }) : script);
      return 0;
    },
  };
}

function actions(): readonly CompletedCommand[] {
  return (Object.keys(ACTION_COMMANDS) as ActionCommand[]).map((name) => {
    const { description, inputs } = readActionFile(name);
    const given = inputs.map((input) => input.name).filter((input) => !isSecretInput(input));
    return { name, description, options: [...given, 'json', 'verbose'] };
  });
}

function others(commands: Readonly<Record<string, OwnCommand>>): readonly CompletedCommand[] {
  return Object.entries(commands).map(([name, { description, options }]) => ({
    name,
    description,
    options: Object.keys(options),
  }));
}
