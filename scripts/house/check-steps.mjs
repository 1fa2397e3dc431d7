// The steps of `npm run check`.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { ACTIONS, actionFile, root } from './actions.mjs';
import { checkDist } from './dist-freshness.mjs';
import { checkHouse } from './habits.mjs';
import { program, verdict } from './steps.mjs';
import { actionlint, zizmor } from './workflow-linters.mjs';

/** @param {string} name */
const bin = (name) => path.join(root, 'node_modules', '.bin', name);

/** The workflows that repositories copy. */
function templates() {
  return readdirSync(path.join(root, 'templates')).flatMap((file) =>
    file.endsWith('.yml') ? [`templates/${file}`] : [],
  );
}

/** Workflows and actions, as zizmor wants them. */
function auditedFiles() {
  return [
    '.github',
    ...templates(),
    ...ACTIONS.map(({ name }) => actionFile(name)).filter((file) => existsSync(path.join(root, file))),
  ];
}

/** @type {readonly import('./steps.mjs').Step[]} */
export const CHECK_STEPS = [
  { name: 'format', run: () => program(bin('biome'), ['format', '.']) },
  { name: 'lint', run: () => program(bin('oxlint'), ['--type-aware', '--deny-warnings']) },
  { name: 'house', run: async () => verdict(await checkHouse()) },
  { name: 'types', run: () => program(bin('tsc'), ['-b']) },
  { name: 'test types', run: () => program(bin('tsc'), ['-p', 'tsconfig.check.json']) },
  { name: 'dist', after: 'types', run: async () => verdict(await checkDist()) },
  { name: 'docs', run: () => program(process.execPath, ['--conditions=source', 'scripts/docs.mjs', '--check']) },
  { name: 'actionlint', run: () => actionlint(templates()) },
  { name: 'zizmor', run: () => zizmor(auditedFiles()) },
];
