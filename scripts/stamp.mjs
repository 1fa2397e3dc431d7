// Pins our own actions in the reusable workflows, as a release needs it:
//   node scripts/stamp.mjs SHA VERSION   writes them, SHA being the commit whose dist/ is released
//   node scripts/stamp.mjs --check       says what is wrong with those of this commit
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pins, stamp } from './house/pins.mjs';

const root = process.cwd();
const folder = path.join(root, '.github', 'workflows');
const files = readdirSync(folder).filter((file) => /^(?:reusable_.*|release-docker)\.yml$/.test(file));

/** What a caller of a reusable workflow runs beside the workflow itself. */
const RELEASED = ['dist', 'action.yml', 'actions/*/action.yml'];

/** @param {...string} args */
function git(...args) {
  try {
    execFileSync('git', args, { cwd: root, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** @param {string} ref @returns {string | undefined} why a release may not pin it */
function problemOf(ref) {
  if (!/^[0-9a-f]{40}$/.test(ref)) return `${ref} is not a full commit`;
  if (!git('merge-base', '--is-ancestor', ref, 'HEAD')) return `${ref} is not before this commit`;
  return git('diff', '--quiet', ref, 'HEAD', '--', ...RELEASED) ? undefined : `${ref} has other bundles or inputs`;
}

function check() {
  const found = files.flatMap((file) =>
    pins(readFileSync(path.join(folder, file), 'utf8')).map((ref) => ({ file, ref })),
  );
  const problems = found.flatMap(({ file, ref }) => {
    const problem = problemOf(ref);
    return problem === undefined ? [] : [`${file}: ${problem}: run "node scripts/stamp.mjs SHA VERSION" and commit`];
  });
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

/** @param {string} sha @param {string} version */
function write(sha, version) {
  if (!/^[0-9a-f]{40}$/.test(sha) || !/^v\d+\.\d+\.\d+$/.test(version)) {
    console.error('usage: node scripts/stamp.mjs SHA vX.Y.Z');
    process.exitCode = 2;
    return;
  }
  for (const file of files) {
    const target = path.join(folder, file);
    writeFileSync(target, stamp(readFileSync(target, 'utf8'), { sha, version }));
  }
}

const [first = '', second = ''] = process.argv.slice(2);
if (first === '--check') check();
else write(first, second);
