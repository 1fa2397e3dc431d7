import { applyInit, planInit } from './init.ts';
import type { OwnCommand } from './own-command.ts';
import { readRepository } from './repository.ts';
import { print } from './streams.ts';

export const initCommand: OwnCommand = {
  description: 'Writes a policy and the workflows that publish, check and prune the image of this repository',
  options: {
    quay: { description: 'Also the workflow that takes a version tag to Quay' },
    'dry-run': { description: 'Say what would be written' },
  },
  run: async (asked) => {
    const directory = process.cwd();
    const repository = await readRepository(directory);
    const plan = planInit({ directory, repository, quay: asked.has('quay') });
    const dryRun = asked.has('dry-run');
    if (!dryRun) await applyInit(directory, plan);
    const words = {
      new: dryRun ? 'would write' : 'wrote',
      same: 'unchanged',
      differs: 'left alone, has other content',
    };
    for (const { file, state } of plan) print(`${file}: ${words[state]}`);
    return plan.some(({ state }) => state === 'differs') ? 1 : 0;
  },
};
