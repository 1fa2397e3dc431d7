import { expect, test } from 'vitest';
import type { FindingPlace, VulnerabilityFinding } from '../../policy/findings.ts';
import { type Baseline, compare } from './comparison.ts';

const image: FindingPlace = { in: 'image', platforms: ['linux/amd64'] };
const source: FindingPlace = { in: 'source', path: 'package-lock.json' };

function found(id: string, places: readonly FindingPlace[] = [image], change: Partial<VulnerabilityFinding> = {}) {
  const about = { severity: 'high', title: id, fingerprint: id, sources: ['trivy'], aliases: [] } as const;
  const one: VulnerabilityFinding = {
    kind: 'vulnerability',
    id,
    ...about,
    package: { name: 'x', purl: 'pkg:npm/x', versions: ['1'] },
    places,
    ...change,
  };
  return one;
}

const baseline = (change: Partial<Baseline>): Baseline => ({
  scope: 'image',
  label: 'before',
  findings: [],
  ...change,
});
const ids = (findings: readonly { readonly id: string }[]) => findings.map(({ id }) => id);

test('tells what is introduced, newly disclosed, unchanged and fixed', () => {
  const before = baseline({
    findings: [found('CVE-1'), found('CVE-2'), found('CVE-4')],
    advisories: new Set(['CVE-1', 'CVE-4']),
  });
  const now = compare([found('CVE-1'), found('CVE-2'), found('CVE-3')], [before]);
  expect(ids(now.introduced)).toEqual(['CVE-3']);
  expect(ids(now.disclosed)).toEqual(['CVE-2']);
  expect(now.unchanged).toBe(1);
  expect(ids(now.fixed)).toEqual(['CVE-4']);
});

test('nothing is newly disclosed when it is not known what was known', () => {
  const now = compare([found('CVE-1')], [baseline({ findings: [found('CVE-1')] })]);
  expect([now.disclosed.length, now.unchanged]).toEqual([0, 1]);
});

test('another version of the package, or another name of the advisory, is the same vulnerability', () => {
  const upgraded = { package: { name: 'x', purl: 'pkg:npm/x', versions: ['2'] } };
  const aliased = found('GHSA-1', [image], { aliases: ['CVE-1'], ...upgraded });
  expect(compare([aliased], [baseline({ findings: [found('CVE-1')] })]).introduced).toEqual([]);
});

test('the same advisory in another package is introduced', () => {
  const other = found('CVE-1', [image], { package: { name: 'y', purl: 'pkg:npm/y', versions: ['1'] } });
  expect(compare([other], [baseline({ findings: [found('CVE-1')] })]).introduced).toHaveLength(1);
});

test('what is in a part that was compared with nothing is introduced', () => {
  const both = found('CVE-1', [image, source]);
  expect(compare([both], [baseline({ findings: [found('CVE-1')] })]).introduced).toHaveLength(1);
  const lockfiles = baseline({ scope: 'source', findings: [found('CVE-1', [source])] });
  expect(compare([both], [baseline({ findings: [found('CVE-1')] }), lockfiles]).introduced).toEqual([]);
});

test('what one lockfile had before is new in another, and no more fixed than new in the one that has it still', () => {
  const fixture: FindingPlace = { in: 'source', path: 'test/fixture/package-lock.json' };
  const before = baseline({ scope: 'source', findings: [found('CVE-1', [fixture])] });
  const shipped: FindingPlace = { in: 'source', path: 'app/package-lock.json', line: 7 };
  const now = compare([found('CVE-1', [{ ...fixture, line: 3 }, shipped])], [before]);
  expect([ids(now.introduced), now.unchanged, ids(now.fixed)]).toEqual([['CVE-1'], 0, []]);
  expect(compare([found('CVE-1', [fixture])], [before])).toMatchObject({ introduced: [], unchanged: 1 });
});
