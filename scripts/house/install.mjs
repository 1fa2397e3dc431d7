// Makes sure that node_modules holds what package-lock.json says. Runs on any Node, before anything is installed.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import { root } from './actions.mjs';

/** @param {string} file */
const changedAt = (file) => statSync(path.join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** True when nothing is installed, or when the lock file is newer than what is. */
export function installIsStale() {
  return changedAt('node_modules/.package-lock.json') < changedAt('package-lock.json');
}

/** Runs `npm ci` when it is needed; ends the process when that fails. */
export function ensureInstalled() {
  if (!installIsStale()) return;
  console.log('Installing the packages of package-lock.json (npm ci)');
  const npm = process.env['npm_execpath'];
  // Packages that want Node 24 get it: npm installs it beside them, and everything runs under it.
  const install = ['ci', '--loglevel=error'];
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm, ...install]] : ['npm', install];
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) return;
  console.error(error === undefined ? 'npm ci failed: see above' : `npm ci could not be started: ${error.message}`);
  process.exit(1);
}
