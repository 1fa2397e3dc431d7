// Bundles every action into dist/<name>: node scripts/bundle.mjs [OUTPUT]
// Reads the JavaScript that `tsc -b` wrote; the same sources give the same bytes on every machine.
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ACTIONS, root } from './house/actions.mjs';
import { mapLimited } from './house/map-limited.mjs';

const run = promisify(execFile);
const worker = path.join(root, 'scripts', 'house', 'bundle-action.mjs');

/**
 * Bundles every action into `<output>/<name>`.
 * @param {string} output
 * @returns {Promise<{ name: string, bytes: number, limit: number }[]>} the size of each index.js beside its limit
 */
export function bundleAll(output) {
  return mapLimited(ACTIONS, availableParallelism(), async ({ name, bytes: limit }) => {
    await run(process.execPath, [worker, name, path.join(output, name)]).catch((error) => {
      throw new Error(`dist/${name} could not be bundled: ${reasonOf(error)}`);
    });
    const { size } = await stat(path.join(output, name, 'index.js'));
    return { name, bytes: size, limit };
  });
}

/**
 * The bundler quotes its own source, half a megabyte in one line, before it says what is wrong.
 * @param {unknown} error
 */
function reasonOf(error) {
  const text = /** @type {{ stderr?: string }} */ (error).stderr ?? String(error);
  const lines = text.split('\n').filter((line) => line !== '' && line.length < 300);
  return lines.slice(0, 8).join('\n');
}

/** @param {{ name: string, bytes: number, limit: number }[]} sizes */
export function oversized(sizes) {
  return sizes
    .filter(({ bytes, limit }) => bytes > limit)
    .map(
      ({ name, bytes, limit }) =>
        `dist/${name}/index.js has ${bytes} bytes, ${bytes - limit} over its limit of ${limit}`,
    );
}

if (process.argv[1] === import.meta.filename) {
  const sizes = await bundleAll(path.resolve(process.argv[2] ?? path.join(root, 'dist')));
  for (const { name, bytes, limit } of sizes)
    console.log(`${name.padEnd(10)} ${String(bytes).padStart(9)} of ${limit} bytes`);
  const problems = oversized(sizes);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}
