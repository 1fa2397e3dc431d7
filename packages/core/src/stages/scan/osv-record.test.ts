import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { zipOf } from '@plimsoll/testkit/world/databases/zip';
import { expect, test } from 'vitest';
import { requireRecord } from './osv-record.ts';

const url = new URL('http://127.0.0.1/npm/all.zip');
const RECORD = '{"id":"GHSA-1","modified":"2026-01-01T00:00:00Z"}';

async function codeFor(files: readonly (readonly [name: string, text: string])[]): Promise<string> {
  const root = mkdtempSync(path.join(tmpdir(), 'plimsoll-record-'));
  const file = path.join(root, 'all.zip');
  writeFileSync(file, zipOf(files.map(([name, text]) => ({ name, content: Buffer.from(text) }))));
  try {
    await requireRecord(file, url);
    return 'none';
  } catch (error) {
    return (error as { readonly code: string }).code;
  } finally {
    rmSync(root, { recursive: true });
  }
}

test.each([
  [
    'one record among others',
    [
      ['a.json', '<html>'],
      ['b.json', RECORD],
    ],
    'none',
  ],
  ['no file', [], 'registry-protocol'],
  ['a page in place of a record', [['a.json', '<html>']], 'registry-protocol'],
  ['a record of another form', [['a.json', '{"name":"x"}']], 'registry-protocol'],
  ['a record that has not its name', [['a.txt', RECORD]], 'registry-protocol'],
] as const)('%s', async (_name, files, code) => {
  expect(await codeFor(files)).toBe(code);
});
