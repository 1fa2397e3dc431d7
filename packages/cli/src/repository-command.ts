import { examine } from './doctor.ts';
import { applyInit, planInit } from './init.ts';
import { readRepository } from './repository.ts';
import { print } from './streams.ts';
import { UsageError } from './usage-error.ts';

/** The commands about a repository rather than an image, each with what it takes. */
export const REPOSITORY_COMMANDS = {
  init: {
    description: 'Writes a policy and the workflows that publish, check and prune the image of this repository',
    flags: {
      '--quay': 'Also the workflow that takes a version tag to Quay',
      '--dry-run': 'Say what would be written',
    },
  },
  doctor: {
    description: 'Says what in this repository would stop a run on GitHub, and which line to change',
    flags: { '--json': 'One JSON list of what was looked at' },
  },
} as const;

export type RepositoryCommand = keyof typeof REPOSITORY_COMMANDS;

export function isRepositoryCommand(word: string): word is RepositoryCommand {
  return Object.hasOwn(REPOSITORY_COMMANDS, word);
}

/** @returns the exit code */
export async function repositoryCommand(command: RepositoryCommand, args: readonly string[]): Promise<number> {
  const { description, flags } = REPOSITORY_COMMANDS[command];
  if (args.includes('--help') || args.includes('-h')) {
    const rows = Object.entries(flags).map(([flag, meaning]) => `  ${flag.padEnd(10)} ${meaning}`);
    print(`Usage: plimsoll ${command} [OPTION]...\n\n${description}.\n\n${rows.join('\n')}`);
    return 0;
  }
  const unknown = args.find((arg) => !Object.hasOwn(flags, arg));
  if (unknown !== undefined) {
    throw new UsageError(`"plimsoll ${command}" has no "${unknown}"`, `Try "plimsoll ${command} --help".`);
  }
  return command === 'init' ? init(args) : doctor(args);
}

async function init(args: readonly string[]): Promise<number> {
  const directory = process.cwd();
  const repository = await readRepository(directory);
  const plan = planInit({ directory, repository, quay: args.includes('--quay') });
  const dryRun = args.includes('--dry-run');
  if (!dryRun) await applyInit(directory, plan);
  const words = { new: dryRun ? 'would write' : 'wrote', same: 'unchanged', differs: 'left alone, has other content' };
  for (const { file, state } of plan) print(`${file}: ${words[state]}`);
  return plan.some(({ state }) => state === 'differs') ? 1 : 0;
}

async function doctor(args: readonly string[]): Promise<number> {
  const directory = process.cwd();
  const diagnoses = examine(directory, await readRepository(directory));
  if (args.includes('--json')) print(JSON.stringify(diagnoses, undefined, 2));
  else {
    for (const { what, ok, hint } of diagnoses) {
      print(`${ok ? 'ok     ' : 'problem'}  ${what}`);
      if (!ok && hint !== undefined) print(`         ${hint}`);
    }
  }
  return diagnoses.every(({ ok }) => ok) ? 0 : 1;
}
