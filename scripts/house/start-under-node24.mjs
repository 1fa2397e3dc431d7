// Starts a script under Node 24, reading the workspaces from their sources, and ends with its exit code.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { node24 } from '../node24.mjs';
import { root } from './actions.mjs';

function executable() {
  try {
    return node24();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return process.exit(1);
  }
}

/**
 * @param {string} script path from the root of the repository
 * @param {readonly string[]} args
 */
export function startUnderNode24(script, args = process.argv.slice(2)) {
  const child = spawn(executable(), ['--conditions=source', path.join(root, script), ...args], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both; this one waits until the other has cleaned up.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code) => process.exit(code ?? 1));
}
