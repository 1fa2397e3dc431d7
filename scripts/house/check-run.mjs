// Runs the checks and says how each of them ended.
import { CHECK_STEPS } from './check-steps.mjs';
import { runSteps } from './steps.mjs';

/** @typedef {import('./steps.mjs').Result} Result */

const WORDS = { ok: 'ok     ', failed: 'FAILED ', skipped: 'skipped' };

/** @param {Result} result */
function report({ name, status, seconds, output = '' }) {
  const reason = status === 'skipped' ? `  (${output})` : '';
  console.log(`${WORDS[status]} ${name.padEnd(11)} ${seconds.toFixed(1).padStart(5)} s${reason}`);
  if (status === 'failed') console.log(output.replaceAll(/^/gm, '        '));
}

/** @returns {Promise<Result[]>} */
export function runChecks() {
  return runSteps(CHECK_STEPS, report);
}

/**
 * @param {Result[]} results
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export function count(results) {
  const of = (/** @type {Result['status']} */ status) => results.filter((result) => result.status === status).length;
  return { passed: of('ok'), failed: of('failed'), skipped: of('skipped') };
}

/** @param {Result[]} results */
export function summarize(results) {
  const { passed, failed, skipped } = count(results);
  return `check: ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
