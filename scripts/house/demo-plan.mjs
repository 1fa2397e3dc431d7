// What the demo says and asks before it does anything.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { installIsStale } from './install.mjs';
import { DEMO_TOOLS } from './tool-sets.mjs';

const OLDEST_NODE = [20, 19];

/** @param {string} command @param {string[]} args */
const works = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** @returns {string[]} what has to be installed first, in words */
export function requirements() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldMajor = 0, oldMinor = 0] = OLDEST_NODE;
  const tooOld = major < oldMajor || (major === oldMajor && minor < oldMinor);
  return [
    ...(tooOld ? [`Node ${OLDEST_NODE.join('.')} or later (this is ${process.versions.node})`] : []),
    ...(works('go', ['version']) ? [] : ['Go 1.26 or later']),
    ...(works('git', ['--version']) ? [] : ['git']),
    ...(process.platform === 'linux' ? [] : ['Linux']),
  ];
}

function toolsDirectory() {
  return path.join(process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'), 'plimsoll', 'tools');
}

/** How many tools seem to be missing; a directory is there only when its tool is complete. */
function missingTools() {
  try {
    const names = readdirSync(toolsDirectory());
    return DEMO_TOOLS.filter((tool) => !names.some((name) => name.startsWith(`${tool}-`) && !name.endsWith('.lock')))
      .length;
  } catch {
    return DEMO_TOOLS.length;
  }
}

/** @param {number} missing */
function howLong(missing) {
  if (missing === 0) return 'All tools are there, so this takes a minute or two.';
  const first =
    missing < DEMO_TOOLS.length ? `${missing} of ${DEMO_TOOLS.length} tools are missing.` : 'This is the first run.';
  return `${first} Release binaries take minutes; where tools must be compiled, all of them take about 20 minutes on two processors. Later runs take a minute or two.`;
}

/**
 * What will happen, in the order in which it will.
 * @param {readonly string[]} packages Debian packages that would be installed
 */
export function explain(packages) {
  const steps = [
    ...(installIsStale() ? ['install the npm packages of package-lock.json into node_modules (npm ci)'] : []),
    ...(packages.length > 0 ? [`install with apt-get: ${packages.join(', ')}`] : []),
    `get the tools that are not yet in ${toolsDirectory()}: as release binaries where these can be reached, else built with Go`,
    'start registries, a Sigstore, a GitHub and a builder on 127.0.0.1, in a temporary directory',
    'build, scan, publish, sign, verify, promote and prune a two-platform image there',
    'do the same with an unsafe image, and show that nothing of it was uploaded',
    'stop everything again (with --keep: leave it running and say how to look around)',
  ];
  const time = howLong(missingTools());
  return ['The demo will', ...steps.map((step, index) => `  ${index + 1}. ${step}`), '', time, ''].join('\n');
}

/**
 * Asks on a terminal, and only there: never in continuous integration, and not with --yes.
 * @param {readonly string[]} args
 */
export async function mayGoOn(args) {
  const silent = args.includes('--yes') || (process.env['CI'] ?? '') !== '';
  if (silent || !process.stdin.isTTY || !process.stdout.isTTY) return true;
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await prompt.question('Go on? [Y/n] ');
  prompt.close();
  return !/^\s*n/i.test(answer);
}
