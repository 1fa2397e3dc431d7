// Runs one project of vitest.config.ts and counts its tests.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from './actions.mjs';

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {{ status: string, assertionResults: unknown[] }} FileResult
 * @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number, testResults: FileResult[] }} Report
 */

/**
 * What a report counts. A file that could not be loaded has no tests and is one failure; so is a run
 * that ended badly although no test failed, and a project that has files but ran nothing.
 * @param {Report | undefined} report
 * @param {number | null} exitCode
 * @returns {Counts}
 */
export function countReport(report, exitCode) {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const unloadable = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const failed = report.numFailedTests + unloadable.length;
  const passed = report.numPassedTests;
  const wrong = failed === 0 && (exitCode !== 0 || passed === 0);
  return { passed, failed: failed + (wrong ? 1 : 0), skipped: report.numPendingTests + report.numTodoTests };
}

/**
 * @param {string} project
 * @param {readonly string[]} options further options of vitest
 * @returns {Promise<Counts>}
 */
export async function runProject(project, options) {
  const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-test-'));
  const file = path.join(directory, 'report.json');
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, '--reporter=default', '--reporter=json'];
  const exitCode = await stream([...args, `--outputFile.json=${file}`, ...options]);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  await rm(directory, { recursive: true, force: true });
  return countReport(text === undefined ? undefined : JSON.parse(text), exitCode);
}

/**
 * @param {string[]} args
 * @returns {Promise<number | null>}
 */
function stream(args) {
  const child = spawn(process.execPath, ['--conditions=source', ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
}
