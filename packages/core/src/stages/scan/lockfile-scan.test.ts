import { expect, test } from 'vitest';
import type { OsvRun } from '../../tools/osv-scanner.ts';
import { readLockfileScan } from './lockfile-scan.ts';

type Named = NonNullable<NonNullable<NonNullable<OsvRun['report']['results']>[number]['packages']>[number]['package']>;

function run(packages: readonly Named[], change: Partial<OsvRun> = {}): OsvRun {
  const found = packages.map((each) => ({ package: each }));
  const results = found.length === 0 ? [] : [{ source: { path: '/src/requirements.txt' }, packages: found }];
  const scanned = ['/src/requirements.txt'];
  return { report: { results }, loaded: ['PyPI'], missing: [], errors: [], scanned, skipped: [], ...change };
}

const read = (answer: OsvRun, ...paths: string[]) =>
  readLockfileScan(answer, {
    lockfiles: paths.map((each) => ({ path: each, ecosystem: each.endsWith('.txt') ? 'PyPI' : 'npm' })),
    directory: '/src',
    absent: [],
  });

const pinned = { name: 'flask', version: '1.0', ecosystem: 'PyPI' };
const unpinned = { name: 'requests', version: '', ecosystem: 'PyPI' };

test('what has no version is not counted as looked up, and is told', () => {
  const { ecosystems, problems, notes } = read(run([pinned, unpinned]), 'requirements.txt');
  expect(ecosystems).toMatchObject([{ ecosystem: 'PyPI', packages: 1 }]);
  expect(problems).toEqual([]);
  expect(notes).toHaveLength(1);
});

test('a file in which nothing is pinned is a gap, and not one of the database', () => {
  const { problems } = read(run([unpinned], { loaded: [] }), 'requirements.txt');
  expect(problems).toMatchObject([{ outcome: 'incomplete' }]);
  expect(problems[0]?.what).toContain('requirements.txt');
});

test('a package that osv-scanner skips is a gap', () => {
  const cut = { name: 'monolog/monolog', version: '1.0.0', ecosystem: 'PyPI', commit: 'abcdef1' };
  const { ecosystems, problems } = read(run([pinned, cut], { skipped: [cut.name] }), 'requirements.txt');
  expect(ecosystems).toMatchObject([{ packages: 1 }]);
  expect(problems).toMatchObject([{ outcome: 'incomplete' }]);
});

test('a lockfile that nobody read is a gap, and does not count as covered', () => {
  const { ecosystems, problems } = read(run([pinned]), 'requirements.txt', 'yarn.lock');
  expect(problems).toMatchObject([{ outcome: 'incomplete' }]);
  expect(problems[0]?.what).toContain('yarn.lock');
  expect(ecosystems.map(({ ecosystem }) => ecosystem)).toEqual(['PyPI']);
});

test('a lockfile that could not be read is told once', () => {
  const errors = ['(extracting as javascript/yarnlock) src/yarn.lock: could not extract'];
  expect(read(run([pinned], { errors }), 'requirements.txt', 'yarn.lock').problems).toHaveLength(1);
});

test('lockfiles of installed packages are a gap only where there is no other', () => {
  const installed = 'node_modules/left/yarn.lock';
  expect(read(run([]), installed).problems).toMatchObject([{ outcome: 'incomplete' }]);
  const covered = read(run([], { scanned: ['/src/package-lock.json'] }), installed, 'package-lock.json');
  expect(covered.problems).toEqual([]);
  expect(covered.notes).toHaveLength(1);
  expect(covered.ecosystems).toEqual([{ ecosystem: 'npm', packages: 0, lockfiles: ['package-lock.json'] }]);
});
