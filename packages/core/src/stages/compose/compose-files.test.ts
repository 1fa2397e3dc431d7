import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findComposeFiles } from './compose-files.ts';

let workspace: string;

beforeAll(() => {
  workspace = mkdtempSync(path.join(tmpdir(), 'compose-files-'));
  mkdirSync(path.join(workspace, 'api'));
  mkdirSync(path.join(workspace, 'web', 'compose.yaml'), { recursive: true });
  for (const file of ['docker-compose.yml', 'compose.yaml', 'stack.yml', 'api/compose.yml'])
    writeFileSync(path.join(workspace, file), 'services: {}\n');
});
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

it.each([
  ['at the top', '.', ['compose.yaml', 'docker-compose.yml']],
  ['beside what is built', 'api', ['compose.yaml', 'docker-compose.yml', 'api/compose.yml']],
  ['that are files', 'web', ['compose.yaml', 'docker-compose.yml']],
  ['of the checkout only', '..', ['compose.yaml', 'docker-compose.yml']],
])('finds those %s, the first that compose itself would read first', async (_name, context, found) => {
  expect(await findComposeFiles(workspace, path.resolve(workspace, context))).toEqual(found);
});
