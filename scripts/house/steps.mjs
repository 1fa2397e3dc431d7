// Steps that run side by side, each with its time, its verdict and its output.
import { execFile } from 'node:child_process';
import { root } from './actions.mjs';

/**
 * @typedef {{ status: 'ok' | 'failed' | 'skipped', output?: string }} Outcome `output` is the reason of a skipped step
 * @typedef {{ name: string, after?: string, run: () => Promise<Outcome> }} Step `after` names the step that must have passed
 * @typedef {Outcome & { name: string, seconds: number }} Result
 */

const LARGEST_OUTPUT = 16 * 1024 * 1024;

/**
 * Runs a program at the root of the repository; it fails when its exit code is not zero.
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<Outcome>}
 */
export function program(command, args) {
  return new Promise((resolve) => {
    const options = { cwd: root, maxBuffer: LARGEST_OUTPUT, env: { ...process.env, NO_COLOR: '1' } };
    execFile(command, args, options, (error, stdout, stderr) => {
      const output = [stdout.trim(), stderr.trim(), error?.code === 'ENOENT' ? error.message : ''].filter(
        (text) => text !== '',
      );
      resolve({ status: error === null ? 'ok' : 'failed', output: output.join('\n') });
    });
  });
}

/**
 * @param {readonly string[]} problems one line each; none means that the step passed
 * @returns {Outcome}
 */
export function verdict(problems) {
  return problems.length === 0 ? { status: 'ok' } : { status: 'failed', output: problems.join('\n') };
}

/** @param {Step} step @returns {Promise<Outcome>} */
async function outcome(step) {
  try {
    return await step.run();
  } catch (error) {
    return { status: 'failed', output: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/**
 * Runs every step as early as it can be run.
 * @param {readonly Step[]} steps
 * @param {(result: Result) => void} report called as each step ends
 * @returns {Promise<Result[]>} in the order of the steps
 */
export function runSteps(steps, report) {
  /** @type {Map<string, Promise<Result>>} */
  const running = new Map();
  for (const step of steps) running.set(step.name, runStep(step, running.get(step.after ?? ''), report));
  return Promise.all(running.values());
}

/**
 * @param {Step} step
 * @param {Promise<Result> | undefined} before
 * @param {(result: Result) => void} report
 */
async function runStep(step, before, report) {
  const earlier = await before;
  const started = performance.now();
  const blocked = earlier !== undefined && earlier.status !== 'ok';
  const ended = blocked
    ? { status: /** @type {const} */ ('skipped'), output: `${step.after} did not pass` }
    : await outcome(step);
  const result = { ...ended, name: step.name, seconds: (performance.now() - started) / 1000 };
  report(result);
  return result;
}
