import { applyInit, EXTRA_NAMES, planInit, planOrgInfra, type PlannedFile } from './init.ts';
import type { OwnCommand } from './own-command.ts';
import { readRepository } from './repository.ts';
import { print } from './streams.ts';

export const initCommand: OwnCommand = {
  description: 'Writes a policy and the workflows that publish, check and prune the image of this repository',
  options: {
    quay: { description: 'Also the workflow that takes a version tag to Quay' },
    release: { description: 'Also the workflow that publishes the image of a version tag or release' },
    'release-dispatch': { description: 'Also the workflow that cuts a release by hand, version, image, tag and all' },
    rollback: { description: 'Also the workflows that move a channel by hand, forwards and back' },
    rescan: { description: 'Also the workflow that matches what is published with new vulnerabilities every night' },
    dependabot: { description: 'Also the file that keeps pins current' },
    'org-infra': {
      description:
        'In place of all that, the reusable workflows, for the repository that an organisation keeps its own in',
    },
    'dry-run': { description: 'Say what would be written' },
    json: { description: 'One JSON list of the files, each with its state' },
  },
  run: async (asked) => {
    const directory = process.cwd();
    const extras = EXTRA_NAMES.filter((name) => asked.has(name));
    const plan = asked.has('org-infra')
      ? planOrgInfra(directory)
      : planInit({ directory, repository: await readRepository(directory), extras });
    const dryRun = asked.has('dry-run');
    if (!dryRun) await applyInit(directory, plan);
    if (asked.has('json')) {
      const files = plan.map(({ file, state }) => ({ file, state, written: state === 'new' && !dryRun }));
      print(JSON.stringify(files, undefined, 2));
    } else {
      print(plan.map(({ file, state }) => `${file}: ${wordsOf(state, dryRun)}`).join('\n'));
      if (!dryRun) print(NEXT);
    }
    return plan.some(({ state }) => state === 'differs') ? 1 : 0;
  },
};

const NEXT = '\nNext: npx plimsoll doctor, then commit, and push to the default branch.';

function wordsOf(state: PlannedFile['state'], dryRun: boolean): string {
  if (state === 'new') return dryRun ? 'would write' : 'wrote';
  return state === 'same' ? 'unchanged' : 'left alone, has other content';
}
