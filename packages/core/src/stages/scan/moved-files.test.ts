import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type Files, movedFiles } from './moved-files.ts';

function files(contents: Readonly<Record<string, string>>): Files {
  const directory = mkdtempSync(path.join(tmpdir(), 'moved-'));
  for (const [name, content] of Object.entries(contents)) writeFileSync(path.join(directory, name), content);
  return { directory, paths: Object.keys(contents) };
}

test('a file has moved when its content is elsewhere and it is gone', async () => {
  const moved = await movedFiles(files({ a: '1', b: '2', c: '3' }), files({ b: '2', d: '1', e: '2', f: '1', g: '4' }));
  expect([...moved]).toEqual([['a', 'd']]);
});
