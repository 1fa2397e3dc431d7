// The files of the repository and what each of them imports.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from './actions.mjs';

const run = promisify(execFile);

/**
 * @typedef {{ name: string, typeOnly: boolean, line: number }} Import `name` is a path in the repository or the name of a package
 * @typedef {{ file: string, text: string, imports: Import[] }} Source
 */

/** @returns {Promise<string[]>} every file that git knows or would add */
export async function repositoryFiles() {
  const options = { cwd: root, maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], options);
  return [...new Set(stdout.split('\0'))].filter((file) => file !== '' && existsSync(path.join(root, file)));
}

const FROM = /(?:^|\n)[ \t]*(?:import|export)\s+(?:(?<type>type)\s+)?(?:[^'";]*?\sfrom\s+)?'(?<name>[^']+)'/g;
const DYNAMIC = /\bimport\(\s*'(?<name>[^']+)'/g;
const CORE = '@plimsoll/core/';
const TESTKIT = '@plimsoll/testkit/';

/**
 * @param {string} file
 * @param {string} name as it is written in the import
 */
function resolve(file, name) {
  if (name.startsWith(CORE)) return `packages/core/src/${name.slice(CORE.length)}.ts`;
  if (name.startsWith(TESTKIT)) return `packages/testkit/src/${name.slice(TESTKIT.length)}.ts`;
  return name.startsWith('.') ? path.posix.join(path.posix.dirname(file), name) : name;
}

/** True when every name between the braces is marked as a type, so that nothing is loaded. */
const namesOnlyTypes = (/** @type {string} */ statement) => {
  const names = /\{(?<names>[^}]*)\}/.exec(statement)?.groups?.['names'] ?? '';
  return names.trim() !== '' && names.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type '));
};

/**
 * @param {string} file
 * @param {string} text
 * @returns {Source}
 */
export function parseSource(file, text) {
  const imports = [...text.matchAll(FROM), ...text.matchAll(DYNAMIC)].map((match) => ({
    name: resolve(file, match.groups?.['name'] ?? ''),
    typeOnly: match.groups?.['type'] !== undefined || namesOnlyTypes(match[0]),
    line: text.slice(0, match.index + match[0].length).split('\n').length,
  }));
  return { file, text, imports };
}

/**
 * @param {string[]} files
 * @returns {Promise<Source[]>}
 */
export async function readSources(files) {
  return Promise.all(files.map(async (file) => parseSource(file, await readFile(path.join(root, file), 'utf8'))));
}
