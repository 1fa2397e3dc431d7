// Is dist/ what the sources give? Bundles beside it and compares byte for byte.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundleAll, oversized } from '../bundle.mjs';
import { root } from './actions.mjs';

/** @param {string} directory */
async function filesOf(directory) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  return (
    entries
      // What another process is bundling at this moment is not there yet.
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('/.making-'))
      .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
  );
}

/**
 * @param {string} committed
 * @param {string} fresh
 */
async function differences(committed, fresh) {
  const names = new Set([...(await filesOf(committed)), ...(await filesOf(fresh))]);
  const read = (/** @type {string} */ directory, /** @type {string} */ name) =>
    readFile(path.join(directory, name)).catch(() => undefined);
  const compared = await Promise.all(
    [...names].map(async (name) => {
      const [one, other] = await Promise.all([read(committed, name), read(fresh, name)]);
      if (one === undefined) return `dist/${name} is missing`;
      if (other === undefined) return `dist/${name} comes from no source`;
      return one.equals(other) ? '' : `dist/${name} is out of date`;
    }),
  );
  return compared.filter((line) => line !== '').toSorted((one, other) => one.localeCompare(other));
}

/** @returns {Promise<string[]>} one line per difference or bundle over its size */
export async function checkDist() {
  const fresh = await mkdtemp(path.join(tmpdir(), 'plimsoll-dist-'));
  try {
    const sizes = await bundleAll(fresh);
    const stale = await differences(path.join(root, 'dist'), fresh);
    return [...oversized(sizes), ...stale, ...(stale.length > 0 ? ['run "npm run bundle" and commit dist/'] : [])];
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}
