import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../scripts/house/actions.mjs';

/**
 * Bundles a script of a bench as dist is bundled, and resolves with the file; the sources must have been compiled.
 * @param script path below `test/bench`
 */
export async function bundleScript(script: string, directory: string): Promise<string> {
  const ncc = path.join(root, 'node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js');
  const entry = path.join(root, 'test', 'bench', script);
  await promisify(execFile)(process.execPath, [ncc, 'build', entry, '--out', directory, '--quiet', '--no-cache']);
  return path.join(directory, 'index.mjs');
}
