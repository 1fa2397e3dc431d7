import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { USUAL } from '@plimsoll/core/github/said-inputs';
import { readActionFile } from '@plimsoll/testkit/runner/action-file';
import { describe, expect, it } from 'vitest';

const actions = readdirSync(import.meta.dirname).filter((name) => existsSync(specOf(name)));

function specOf(action: string): string {
  return path.join(import.meta.dirname, action, 'src', 'inputs.ts');
}

/** What the action reads; every `inputs.ts` exports it under this name. */
async function declared(action: string): Promise<readonly string[]> {
  const { INPUTS } = (await import(specOf(action))) as { INPUTS: readonly string[] };
  return INPUTS;
}

describe.each(actions)('%s', (action) => {
  it('reads the inputs that its action.yml declares, in the same order', async () => {
    expect(await declared(action)).toEqual(Object.keys(readActionFile(action).defaults));
  });

  it('has the defaults that stand for nothing said', () => {
    const { defaults } = readActionFile(action);
    if (!['build', 'pipeline'].includes(action)) return;
    for (const [name, value] of Object.entries(USUAL)) expect(defaults[name], name).toBe(value);
  });

  it('has expressions in defaults only: the runner and act refuse the whole file for one in a description', () => {
    const file = action === 'pipeline' ? '../action.yml' : path.join(action, 'action.yml');
    const lines = readFileSync(path.join(import.meta.dirname, file), 'utf8').split('\n');
    expect(lines.filter((line) => line.includes('${{') && !/^ {4}default: /.test(line))).toEqual([]);
  });

  it('takes token and registry credentials, as every action does', async () => {
    expect(await declared(action)).toEqual(expect.arrayContaining(['github-token', 'registry-auth']));
  });
});
