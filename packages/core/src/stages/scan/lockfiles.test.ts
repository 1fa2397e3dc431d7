import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findLockfiles } from './lockfiles.ts';

test('lockfiles are found at any depth, whatever the tree says about ignoring them', async ({ onTestFinished }) => {
  const root = mkdtempSync(path.join(tmpdir(), 'plimsoll-lockfiles-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const files = ['go.mod', 'web/yarn.lock', 'a/b/dev-requirements.txt', '.git/Cargo.lock', 'README.md', '.gitignore'];
  for (const file of files) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), '*\n');
  }
  const { lockfiles } = await findLockfiles(root);
  expect(lockfiles).toEqual([
    { path: 'a/b/dev-requirements.txt', ecosystem: 'PyPI' },
    { path: 'go.mod', ecosystem: 'Go' },
    { path: 'web/yarn.lock', ecosystem: 'npm' },
  ]);
});
