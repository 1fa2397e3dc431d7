import { zipOf } from '@plimsoll/testkit/world/databases/zip';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { osvRun, refusalOf, ScanBed } from '@plimsoll/testkit/scan/scan-bed';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

let bed: ScanBed;

beforeAll(async () => {
  bed = await ScanBed.start();
});
afterAll(() => bed.stop());
beforeEach(async ({ onTestFinished }) => onTestFinished(await bed.reset()));

const page = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Log in</html>' };

const onePackage = {
  results: [
    {
      source: { path: '/x/package-lock.json' },
      packages: [{ package: { name: 'left', version: '1', ecosystem: 'npm' } }],
    },
  ],
};

test.each([
  ['is not there', { status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN"}]}' }],
  ['is rate limited', { status: 429, body: '{"errors":[{"code":"TOOMANYREQUESTS"}]}' }],
  ['is a login page', page],
])('a trivy database that %s makes the scan incomplete', async (_name, answer) => {
  bed.registry.onRequest = ({ path: asked }) => (asked.includes('/db/') ? answer : undefined);
  const result = await bed.scan();
  expect(result.outcome).toBe('incomplete');
  expect(refusalOf(result).hint).toContain('trivy-db');
  expect(result.verdict?.subject.platforms).toEqual([]);
});

test('the next source is used when the first has no database', async () => {
  const trivy = [`${bed.registry.host}/nothing:2`, `${bed.registry.host}/db:2`];
  const osvBases = [bed.osvUrl];
  const result = await bed.scan(
    {},
    { databases: { trivy, java: [], osv: osvBases, cacheDir: path.join(bed.root, 'cache') } },
  );
  expect(result.outcome).toBe('pass');
  expect(result.report.databases[0]?.failed).toHaveLength(1);
});

test('a database that cannot be unpacked makes the scan incomplete', async () => {
  await bed.pushDatabase('2026-11-21T06:00:00Z', Buffer.from('not a gzipped archive'));
  expect((await bed.scan()).outcome).toBe('incomplete');
});

test('a stale database makes the scan incomplete, and what it finds is still shown', async () => {
  await bed.pushDatabase('2026-11-12T00:00:00Z');
  const result = await bed.scan();
  expect(result.outcome).toBe('incomplete');
  expect(refusalOf(result).message).toContain('9 d old');
  expect(result.verdict?.subject.platforms).toHaveLength(2);
});

test('a database is fetched once, and fetched again when the cached files were changed', async () => {
  const blobs = () => bed.registry.requests.filter(({ kind, method }) => kind === 'blob' && method === 'GET').length;
  const before = blobs();
  await bed.scan();
  const { verdict } = await bed.scan();
  expect(blobs() - before).toBe(1);
  const hex = verdict?.databases[0]?.digest.slice(7) ?? '';
  writeFileSync(path.join(bed.root, 'cache/trivy-db', hex, 'db/trivy.db'), 'something else');
  await bed.scan();
  expect(blobs() - before).toBe(2);
});

test.each([
  ['404', { status: 404, headers: {}, body: '' }],
  ['a login page', page],
  [
    'an archive of unknown age',
    {
      status: 200,
      headers: {},
      body: zipOf([{ name: 'TEST-1.json', content: Buffer.from('{"id":"TEST-1","modified":"2026-11-21T08:00:00Z"}') }]),
    },
  ],
])('an osv source that answers with %s makes the scan incomplete', async (_name, answer) => {
  bed.osvAnswer = answer;
  const result = await bed.scan({ lockfiles: async () => osvRun({ report: onePackage }) }, bed.withLockfile());
  expect(result.outcome).toBe('incomplete');
  expect(refusalOf(result).message).toContain('osv/npm');
});
