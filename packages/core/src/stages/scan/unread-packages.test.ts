import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeImageLayout } from '@plimsoll/testkit/layout/image-layout';
import { afterEach, expect, test } from 'vitest';
import { openLayout } from '../../oci/layout.ts';
import { findTargets } from './targets.ts';
import { unreadPackages } from './unread-packages.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

async function problemsOf(...layers: readonly Readonly<Record<string, string>>[]) {
  const root = mkdtempSync(path.join(tmpdir(), 'unread-'));
  roots.push(root);
  const { directory } = await writeImageLayout(root, [{ architecture: 'amd64', layers }]);
  const source = await openLayout(directory);
  const [target] = await findTargets(source, source.root.digest);
  if (target === undefined) throw new Error('no target');
  return unreadPackages(target, directory);
}

const PROGRAM = { 'app/server': 'a program', 'app/package-lock.json': '{}' };

test.each([
  ['pacman', 'var/lib/pacman/local/zlib-1:1.3.1-2/desc'],
  ['portage', 'var/db/pkg/sys-libs/zlib-1.3.1/PF'],
  ['xbps', 'var/db/xbps/pkgdb-0.38.plist'],
  ['opkg', 'usr/lib/opkg/status'],
  ['dpkg', 'var/lib/dpkg/status'],
  ['dpkg', 'var/lib/dpkg/status.d/base'],
  ['apk', 'lib/apk/db/installed'],
  ['rpm', 'usr/lib/sysimage/rpm/rpmdb.sqlite'],
])('packages of %s make an image without a name incomplete: %s', async (manager, file) => {
  const problems = await problemsOf({ [`./${file}`]: 'x' }, PROGRAM);
  expect(problems).toMatchObject([{ outcome: 'incomplete' }]);
  expect(problems[0]?.what).toContain(`packages of ${manager} (/${file})`);
});

test('a program alone has none', async () => {
  expect(await problemsOf(PROGRAM, { 'srv/var/lib/dpkg/status': 'a copy', 'var/lib/dpkg/status.txt': '' })).toEqual([]);
});

test('a database that a later layer deleted still tells of packages', async () => {
  const deleted = { 'var/lib/pacman/.wh.local': '' };
  expect(await problemsOf({ 'var/lib/pacman/local/ALPM_DB_VERSION': '9' }, deleted, PROGRAM)).toHaveLength(1);
});
