import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { OsvPackage, OsvRun } from '../../tools/osv-scanner.ts';
import { withMisnamed } from './osv-misnamed.ts';

const COVERAGE = { loaded: [], missing: [], errors: [], scanned: [], skipped: [] };
const goutils = { name: 'github.com/Masterminds/goutils', version: '1.1.0', ecosystem: 'Go' };
const plain = { name: 'golang.org/x/Mod', version: '0.1.0', ecosystem: 'Go' };
const runOf = (packages: OsvPackage[]) =>
  ({ ...COVERAGE, report: { results: [{ source: { path: '/src/go.mod' }, packages }] } }) satisfies OsvRun;

function placeOf(onTestFinished: (remove: () => void) => void) {
  const root = mkdtempSync(path.join(tmpdir(), 'plimsoll-misnamed-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return { work: path.join(root, 'work'), databases: '/db' };
}

test('a module whose namespace is not in lower case is asked for by its own name', async ({ onTestFinished }) => {
  let asked: unknown;
  const groups = [{ ids: ['GHSA-1'] }];
  const answer = await withMisnamed(
    runOf([{ package: goutils }, { package: plain }]),
    placeOf(onTestFinished),
    async (dir) => {
      asked = JSON.parse(readFileSync(path.join(dir, 'packages.cdx.json'), 'utf8'));
      return runOf([{ package: goutils, groups }]);
    },
  );
  expect(asked).toMatchObject({ components: [{ name: goutils.name, purl: 'pkg:golang/goutils@1.1.0' }] });
  expect(answer.report.results).toEqual([
    { source: { path: '/src/go.mod' }, packages: [{ package: goutils, groups }, { package: plain }] },
  ]);
});

test('what is not answered is an error, not a clean package', async ({ onTestFinished }) => {
  const answer = await withMisnamed(runOf([{ package: goutils }]), placeOf(onTestFinished), async () => runOf([]));
  expect(answer.errors).toHaveLength(1);
});

test('other packages cost no second run', async ({ onTestFinished }) => {
  const run = runOf([{ package: plain }]);
  const refuse = () => Promise.reject(new Error('asked again'));
  expect(await withMisnamed(run, placeOf(onTestFinished), refuse)).toBe(run);
});
