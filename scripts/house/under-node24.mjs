// Starts a script again under Node 24 with the sources of the workspaces, when it does not run so already.
import { spawnSync } from 'node:child_process';
import { node24 } from '../node24.mjs';

const SOURCES = '--conditions=source';

/**
 * Returns when this process is the right one; otherwise runs the script in a process that is, and ends with its exit code.
 * @param {string} script
 */
export function underNode24(script) {
  if (process.execArgv.includes(SOURCES)) return;
  const { status } = spawnSync(executable(), [SOURCES, script, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(status ?? 1);
}

function executable() {
  try {
    return node24();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return process.exit(1);
  }
}
