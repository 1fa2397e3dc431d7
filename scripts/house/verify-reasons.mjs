// docs/verify.md: the codes of what evidence is refused for, from the tables that the code uses.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { REFUSALS, SHORTCOMINGS } from '../../packages/core/src/stages/verify/reasons.ts';
import { root } from './actions.mjs';
import { replaceBlock } from './marked-block.mjs';
import { markdownTable } from './markdown-table.mjs';

const FILE = 'docs/verify.md';

/** @param {Readonly<Record<string, string>>} table */
const rows = (table) =>
  markdownTable(
    ['Code', 'Meaning'],
    Object.entries(table).map(([code, meaning]) => [`\`${code}\``, meaning]),
  );

/** @returns {Promise<{ file: string, content: string }>} */
export async function verifyReasonsDocument() {
  const text = await readFile(path.join(root, FILE), 'utf8');
  const refusals = replaceBlock(text, 'refusals', rows(REFUSALS));
  return { file: FILE, content: replaceBlock(refusals, 'shortcomings', rows(SHORTCOMINGS)) };
}
