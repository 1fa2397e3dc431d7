// Do the links between Markdown files lead anywhere?
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from './actions.mjs';

const LINK = /\]\((?<target>[^)\s]+)\)/g;
const FENCE = /^(?:```|~~~)[\s\S]*?^(?:```|~~~)/gm;

/**
 * The name GitHub gives to a heading.
 * @param {string} heading
 */
export function anchor(heading) {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

/** @param {string} text */
export function anchors(text) {
  return [...text.replaceAll(FENCE, '').matchAll(/^#+\s+(?<heading>.+)$/gm)].map((match) =>
    anchor(match.groups?.['heading'] ?? ''),
  );
}

/**
 * The targets of links to other places of the repository.
 * @param {string} text
 */
export function localLinks(text) {
  return [...text.replaceAll(FENCE, '').matchAll(LINK)]
    .map((match) => match.groups?.['target'] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** @param {string} file @param {string} text */
async function deadLinks(file, text) {
  const found = await Promise.all(
    localLinks(text).map(async (target) => {
      const [to = '', fragment] = target.split('#');
      const destination = to === '' ? file : path.posix.join(path.posix.dirname(file), to);
      if (!existsSync(path.join(root, destination))) return `${file}: the link ${target} leads nowhere`;
      if (fragment === undefined || !destination.endsWith('.md')) return '';
      const headings = anchors(await readFile(path.join(root, destination), 'utf8'));
      return headings.includes(fragment) ? '' : `${file}: ${target}: there is no such heading`;
    }),
  );
  return found.filter((problem) => problem !== '');
}

/**
 * @param {readonly string[]} files
 * @returns {Promise<string[]>} one line per link that leads nowhere
 */
export async function checkLinks(files) {
  const pages = files.filter((file) => file.endsWith('.md'));
  const found = await Promise.all(
    pages.map(async (file) => deadLinks(file, await readFile(path.join(root, file), 'utf8'))),
  );
  return found.flat();
}
