import type { Diagnosis } from './diagnosis.ts';
import { examine } from './doctor.ts';
import { examineMachine } from './doctor-machine.ts';
import { examineOnline } from './doctor-online.ts';
import type { OwnCommand } from './own-command.ts';
import { readRepository } from './repository.ts';
import { print } from './streams.ts';

export const doctorCommand: OwnCommand = {
  description: 'Says what in this repository, on GitHub or on this machine would stop a run, and which line to change',
  options: {
    offline: { description: 'Only the files of this repository' },
    json: { description: 'One JSON list of what was looked at' },
  },
  run: async (asked) => {
    const directory = process.cwd();
    const repository = await readRepository(directory);
    const local = examine(directory, repository);
    const subject = { directory, repository, env: process.env };
    const more = asked.has('offline') ? [] : await Promise.all([examineOnline(subject), examineMachine(subject)]);
    const diagnoses = [...local, ...more.flat()];
    print(asked.has('json') ? JSON.stringify(diagnoses, undefined, 2) : diagnoses.map(shown).join('\n'));
    return diagnoses.some(({ state }) => state === 'problem') ? 1 : 0;
  },
};

function shown({ state, what, hint }: Diagnosis): string {
  const line = `${state.padEnd(7)}  ${what}`;
  return hint === undefined ? line : `${line}\n         ${hint}`;
}
