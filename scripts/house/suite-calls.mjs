// What workflows ask of the actions and reusable workflows of this repository.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { root } from './actions.mjs';

/**
 * @typedef {{ type?: string, required?: boolean, default?: unknown, description?: string }} Declared
 * @typedef {{ uses?: string, run?: string, with?: Record<string, unknown>, steps?: readonly Call[] }} Call
 */

const SUITE = /^plimsoll-ci\/plimsoll(?<path>\/[\w./-]+)?@/;

/**
 * The inputs of an action or a reusable workflow of ours.
 * @param {string} uses
 * @returns {Record<string, Declared> | undefined} `undefined` for others
 */
export function declaredBy(uses) {
  const match = SUITE.exec(uses);
  if (match === null) return undefined;
  const target = match.groups?.['path']?.slice(1) ?? '';
  const file = target.endsWith('.yml') ? target : path.posix.join(target, 'action.yml');
  const document = parse(readFileSync(path.join(root, file), 'utf8'));
  return (target.endsWith('.yml') ? document.on.workflow_call.inputs : document.inputs) ?? {};
}

/**
 * What is wrong with the inputs of each call of ours.
 * @param {readonly Call[]} calls jobs and steps
 * @returns {string[]}
 */
export function wrongInputs(calls) {
  return calls.flatMap(({ uses = '', with: given = {} }) => {
    const declared = declaredBy(uses);
    if (declared === undefined) return [];
    const unknown = Object.keys(given).filter((name) => !Object.hasOwn(declared, name));
    const missing = Object.keys(declared).filter((name) => declared[name]?.required === true && !(name in given));
    return [
      ...unknown.map((name) => `${uses}: no input ${name}`),
      ...missing.map((name) => `${uses}: ${name} is missing`),
    ];
  });
}
