// actionlint and zizmor over the workflows and the actions.
import { ensureTools } from '../../packages/testkit/src/toolbox/ensure-tools.ts';
import { ensureZizmor } from '../../packages/testkit/src/toolbox/zizmor.ts';
import { program } from './steps.mjs';

/** @typedef {import('./steps.mjs').Outcome} Outcome */

/**
 * The workflows of this repository, which it finds itself, and others.
 * @param {readonly string[]} others
 * @returns {Promise<Outcome>}
 */
export async function actionlint(others) {
  const tools = await ensureTools(['actionlint']);
  const own = await program(tools.actionlint, ['-no-color']);
  return own.status === 'ok' ? program(tools.actionlint, ['-no-color', ...others]) : own;
}

/**
 * @param {readonly string[]} files workflows, actions, or directories of them
 * @returns {Promise<Outcome>}
 */
export async function zizmor(files) {
  const found = await ensureZizmor();
  if (typeof found !== 'string') return { status: 'skipped', output: found.reason };
  return program(found, ['--offline', '--no-progress', '--quiet', '--persona', 'pedantic', ...files]);
}
