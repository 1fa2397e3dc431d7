import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findArtifactFiles } from './artifact-files.ts';

let dir: string;
let workspace: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'plimsoll-files-'));
  workspace = path.join(dir, 'work');
  await mkdir(path.join(workspace, 'tree'), { recursive: true });
  await writeFile(path.join(workspace, 'a.json'), '{}');
  await writeFile(path.join(dir, 'outside'), 'secret');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const find = (...titles: readonly string[]) =>
  findArtifactFiles(
    titles.map((title) => ({ title, mediaType: undefined })),
    workspace,
  );

it('finds files and directories, also by a link that stays inside', async () => {
  await symlink('a.json', path.join(workspace, 'b.json'));
  expect(await find('tree', 'b.json')).toMatchObject([
    { title: 'tree', isDirectory: true },
    { title: 'b.json', isDirectory: false, path: expect.stringMatching(/a\.json$/) as string },
  ]);
});

it.each([
  ['that is not there', 'gone', 'file-unreadable', () => Promise.resolve()],
  ['that is a pattern', '*.json', 'file-unreadable', () => Promise.resolve()],
  ['that leads out by a link', 'link', 'input-invalid', () => symlink('../outside', path.join(workspace, 'link'))],
  ['below a link that leads out', 'up/outside', 'input-invalid', () => symlink('..', path.join(workspace, 'up'))],
])('refuses one %s', async (_name, title, code, prepare) => {
  await prepare();
  await expect(find('a.json', title)).rejects.toMatchObject({ code });
});

it('refuses what is neither a file nor a directory', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path.join(workspace, 'socket'), resolve));
  await expect(find('socket')).rejects.toMatchObject({ code: 'input-invalid' });
  server.close();
});
