// Habits of the house that no linter knows: words, names and lengths.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from './actions.mjs';
import { checkArchitecture } from './architecture.mjs';
import { checkLinks } from './links.mjs';
import { readSources, repositoryFiles } from './sources.mjs';

/** The brackets keep this table from finding itself. */
const WORDS = [
  { pattern: /\b(?:TO[D]O|FIX[M]E|X[X]X)\b/, why: 'finish it, or open an issue' },
  { pattern: /(?:^|[\s'"`(=:])\/(?:r[o]ot|h[o]me\/[a-z]+)\//, why: 'a path of one machine' },
];

const LIMITS = [
  { files: /(?<!\.test)\.(?:ts|mjs)$/, lines: 200 },
  // A test file lists cases; it is read one case at a time.
  { files: /\.test\.ts$/, lines: 400 },
  { files: /^actions\/[^/]+\/src\/main\.ts$/, lines: 60 },
];

const BAD_NAMES = /(?:^|\/)(?:utils?|helpers?|common|misc|index)\.(?:ts|mjs)$/;
const TEXT = /\.(?:ts|mjs|json|md|ya?ml|sh)$|(?:^|\/)(?:Dockerfile|run|CODEOWNERS|LICENSE)$/;
const NOT_OURS = /^(?:dist|examples)\/|package-lock\.json$/;

/**
 * @param {string} file
 * @param {string} text
 * @returns {string[]}
 */
export function checkHabits(file, text) {
  const lines = text.split('\n');
  const found = WORDS.flatMap(({ pattern, why }) =>
    lines.flatMap((line, index) =>
      pattern.test(line) ? [`${file}:${index + 1}: "${pattern.exec(line)?.[0]}": ${why}`] : [],
    ),
  );
  const length = lines.length - (text.endsWith('\n') ? 1 : 0);
  const long = LIMITS.filter(({ files, lines: limit }) => files.test(file) && length > limit);
  const name = BAD_NAMES.test(file) ? [`${file}: a file is called after the one thing that is in it`] : [];
  return [...found, ...long.map(({ lines: limit }) => `${file}: ${length} lines, over ${limit}`), ...name];
}

/** @returns {Promise<string[]>} one line per violation, of habits, of the architecture and of links */
export async function checkHouse() {
  const files = (await repositoryFiles()).filter((file) => !NOT_OURS.test(file));
  const texts = files.filter((file) => TEXT.test(file));
  const habits = await Promise.all(
    texts.map(async (file) => checkHabits(file, await readFile(path.join(root, file), 'utf8'))),
  );
  const sources = await readSources(files.filter((file) => /^(?:packages|actions)\/.*\.ts$/.test(file)));
  return [...habits.flat(), ...checkArchitecture(sources), ...(await checkLinks(files))];
}
