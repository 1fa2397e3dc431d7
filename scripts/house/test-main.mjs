// What `npm test` does once everything is installed; started under Node 24 by scripts/test.mjs.
import { ensureTools } from '../../packages/testkit/src/toolbox/ensure-tools.ts';
import { count, runChecks } from './check-run.mjs';
import { repositoryFiles } from './sources.mjs';
import { BROWSER, installablePackages, installPackages } from './system-packages.mjs';
import { TEST_TOOLS } from './tool-sets.mjs';
import { runProject } from './vitest-project.mjs';

/** @typedef {import('./vitest-project.mjs').Counts} Counts */

/** Each project of vitest.config.ts. Worlds wait a good part of their time, so that two processors bear three; jobs of act are heavier. */
const PROJECTS = [
  { name: 'unit', files: /^(?:packages|actions|scripts|test\/bench)\/.*\.test\.ts$/, options: [] },
  { name: 'property', files: /^test\/property\/.*\.test\.ts$/, options: [] },
  { name: 'blackbox', files: /^test\/blackbox\/.*\.test\.ts$/, options: ['--maxWorkers=3'] },
  { name: 'e2e', files: /^test\/e2e\/.*\.test\.ts$/, options: ['--maxWorkers=2'] },
];

/** @param {string} text */
const heading = (text) => console.log(`\n== ${text}\n`);

/** @param {readonly Counts[]} counts */
function lastLine(counts) {
  const sum = (/** @type {keyof Counts} */ key) => counts.reduce((total, one) => total + one[key], 0);
  const skipped = sum('skipped');
  return {
    text: `${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
    failed: sum('failed'),
  };
}

async function prepare() {
  heading('tools');
  if (!installPackages(installablePackages(BROWSER)))
    console.log('apt-get failed; tests that need these packages will say so');
  await ensureTools(TEST_TOOLS);
  console.log('All tools are there.');
}

/** @returns {Promise<Counts[]>} */
async function runTests() {
  const files = await repositoryFiles();
  const counts = [];
  for (const { name, files: pattern, options } of PROJECTS) {
    if (!files.some((file) => pattern.test(file))) continue;
    heading(name);
    counts.push(await runProject(name, options));
  }
  return counts;
}

await prepare();
heading('check');
const checks = count(await runChecks());
const { text, failed } = lastLine([checks, ...(await runTests())]);
console.log(`\n${text}`);
process.exitCode = failed > 0 ? 1 : 0;
