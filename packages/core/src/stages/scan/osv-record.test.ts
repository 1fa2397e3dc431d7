import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { zipOf } from '@plimsoll/testkit/world/databases/zip';
import { expect, test } from 'vitest';
import { requireRecord } from './osv-record.ts';

const url = new URL('http://127.0.0.1/npm/all.zip');
const RECORD = '{"id":"GHSA-1","modified":"2026-01-01T00:00:00Z"}';

test.each([
  [
    'one record among others',
    [
      ['a.json', '<html>'],
      ['b.json', RECORD],
    ],
    true,
  ],
  ['no file', [], false],
  ['a page in place of a record', [['a.json', '<html>']], false],
  ['a record of another form', [['a.json', '{"name":"x"}']], false],
  ['a record that has not its name', [['a.txt', RECORD]], false],
] as const)('%s', async (_name, files, good) => {
  const root = mkdtempSync(path.join(tmpdir(), 'plimsoll-record-'));
  const file = path.join(root, 'all.zip');
  writeFileSync(file, zipOf(files.map(([name, text]) => ({ name, content: Buffer.from(text) }))));
  const required = requireRecord(file, url);
  await (good
    ? expect(required).resolves.toBeUndefined()
    : expect(required).rejects.toMatchObject({ code: 'registry-protocol' }));
  rmSync(root, { recursive: true });
});
