// The tables that README files show, made from action.yml.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { ACTIONS, actionFile, root } from './actions.mjs';
import { emptyBlock, replaceBlock } from './marked-block.mjs';
import { markdownTable } from './markdown-table.mjs';

/**
 * @typedef {{ description?: string, default?: string | boolean | number, required?: boolean }} Input
 * @typedef {{ name: string, description: string, inputs?: Record<string, Input>, outputs?: Record<string, { description?: string }> }} Action
 * @typedef {{ file: string, content: string }} Document
 */

/** @param {string} text */
const code = (text) => (text === '' ? '' : `\`${text.trim().replaceAll(/\s*\n\s*/g, ' ')}\``);

/** @param {Action} action */
function inputTable(action) {
  const rows = Object.entries(action.inputs ?? {}).map(([name, input]) => [
    code(name),
    input.description ?? '',
    input.required === true ? '**required**' : code(`${input.default ?? ''}`),
  ]);
  return rows.length === 0 ? 'None.' : markdownTable(['Input', 'What it is', 'Default'], rows);
}

/** @param {Action} action */
function outputTable(action) {
  const rows = Object.entries(action.outputs ?? {}).map(([name, output]) => [code(name), output.description ?? '']);
  return rows.length === 0 ? 'None.' : markdownTable(['Output', 'What it is'], rows);
}

/**
 * @param {string} name
 * @returns {Promise<Action>}
 */
async function readAction(name) {
  return parse(await readFile(path.join(root, actionFile(name)), 'utf8'));
}

/** @param {Action} action */
function newReadme(action) {
  return `# ${action.name}\n\n${action.description}.\n\n## Inputs\n\n${emptyBlock('inputs')}\n## Outputs\n\n${emptyBlock('outputs')}`;
}

/** @param {string} name */
async function actionReadme(name) {
  const action = await readAction(name);
  const file = `actions/${name}/README.md`;
  const current = existsSync(path.join(root, file)) ? await readFile(path.join(root, file), 'utf8') : newReadme(action);
  const withInputs = replaceBlock(current, 'inputs', inputTable(action));
  return { file, content: replaceBlock(withInputs, 'outputs', outputTable(action)) };
}

/** @param {string[]} names */
async function rootReadme(names) {
  const rows = await Promise.all(
    names.map(async (name) => {
      const action = await readAction(name);
      const uses = name === 'pipeline' ? 'plimsoll-ci/plimsoll' : `plimsoll-ci/plimsoll/actions/${name}`;
      return [`[\`${uses}\`](actions/${name}/README.md)`, action.description];
    }),
  );
  const current = await readFile(path.join(root, 'README.md'), 'utf8');
  return {
    file: 'README.md',
    content: replaceBlock(current, 'actions', markdownTable(['Action', 'What it does'], rows)),
  };
}

/** @returns {Promise<Document[]>} each README as it must be */
export async function actionDocuments() {
  const names = ACTIONS.map(({ name }) => name).filter((name) => existsSync(path.join(root, actionFile(name))));
  return [...(await Promise.all(names.map(actionReadme))), await rootReadme(names)];
}
