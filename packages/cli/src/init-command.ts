import { applyInit, EXTRA_NAMES, planInit, planOrgInfra } from './init.ts';
import type { OwnCommand } from './own-command.ts';
import { readRepository } from './repository.ts';
import { print } from './streams.ts';

export const initCommand: OwnCommand = {
  description: 'Writes a policy and the workflows that publish, check and prune the image of this repository',
  options: {
    quay: { description: 'Also the workflow that takes a version tag to Quay' },
    release: { description: 'Also the workflow that publishes the image of a version tag or release' },
    rollback: { description: 'Also the workflows that move a channel by hand, forwards and back' },
    rescan: { description: 'Also the workflow that matches what is published with new vulnerabilities every night' },
    dependabot: { description: 'Also the file that keeps pins current' },
    'org-infra': {
      description:
        'In place of all that, the reusable workflows, for the repository that an organisation keeps its own in',
    },
    'dry-run': { description: 'Say what would be written' },
  },
  run: async (asked) => {
    const directory = process.cwd();
    const extras = EXTRA_NAMES.filter((name) => asked.has(name));
    const plan = asked.has('org-infra')
      ? planOrgInfra(directory)
      : planInit({ directory, repository: await readRepository(directory), extras });
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
