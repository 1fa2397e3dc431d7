import { expect, test } from 'vitest';
import type { OsvReport } from '../../tools/osv-scanner.ts';
import { osvFindings, packagesOf } from './osv-findings.ts';

function report(max_severity: string, severity?: string): OsvReport {
  const affected = [
    { package: { name: 'other', ecosystem: 'npm' }, ranges: [{ events: [{ fixed: '9' }] }] },
    { package: { name: 'left', ecosystem: 'npm' }, ranges: [{ events: [{ introduced: '0' }, { fixed: '1.0.1' }] }] },
  ];
  const specific = severity === undefined ? {} : { database_specific: { severity } };
  return {
    results: [
      {
        source: { path: '/work/app/package-lock.json', type: 'lockfile' },
        packages: [
          {
            package: { name: 'left', version: '1.0.0', ecosystem: 'npm' },
            groups: [{ ids: ['GHSA-x'], aliases: ['CVE-2026-1', 'GHSA-x'], max_severity }],
            vulnerabilities: [{ id: 'GHSA-x', summary: 'left is bad', affected, ...specific }],
          },
          { package: { name: 'right', version: '2', ecosystem: 'Debian:12' } },
        ],
      },
    ],
  };
}

test('a group of aliases is one finding, with the fix of its own package', () => {
  expect(osvFindings(report('9.8'), '/work')).toMatchObject([
    {
      id: 'GHSA-x',
      aliases: ['CVE-2026-1'],
      severity: 'critical',
      title: 'left is bad',
      package: { name: 'left', purl: 'pkg:npm/left', versions: ['1.0.0'] },
      fixedVersion: '1.0.1',
      places: [{ in: 'source', path: 'app/package-lock.json' }],
    },
  ]);
});

test.each([
  ['10', undefined, 'critical'],
  ['8.9', undefined, 'high'],
  ['4.0', undefined, 'medium'],
  ['0.1', undefined, 'low'],
  ['3.1', 'HIGH', 'high'],
  ['9.8', 'LOW', 'critical'],
  ['', 'MODERATE', 'medium'],
  ['', 'HIGH', 'high'],
  ['', '', 'unknown'],
  ['', undefined, 'unknown'],
])('a score of "%s" and a rating of %s is %s', (score, rating, severity) => {
  expect(osvFindings(report(score, rating), '/work')[0]?.severity).toBe(severity);
});

test('packages are counted by ecosystem, without its release', () => {
  expect([...packagesOf(report(''), '/work').keys()]).toEqual(['npm', 'Debian']);
});

function recordsOf(
  ...records: readonly { readonly id: string; readonly severity?: string; readonly summary?: string }[]
) {
  const vulnerabilities = records.map(({ id, summary, severity }) => ({
    id,
    ...(summary === undefined ? {} : { summary }),
    ...(severity === undefined ? {} : { database_specific: { severity } }),
  }));
  return { package: { name: 'left', version: '1', ecosystem: 'npm' }, vulnerabilities };
}

function foundIn(each: object) {
  const source = { path: '/work/package-lock.json' };
  return osvFindings({ results: [{ source, packages: [each as ReturnType<typeof recordsOf>] }] }, '/work');
}

test.each([
  [['LOW', 'HIGH'], 'high'],
  [['', 'HIGH'], 'high'],
  [['HIGH', 'nonsense'], 'high'],
])('without a score the worst of the ratings %j counts', ([one = '', other = ''], severity) => {
  const records = recordsOf({ id: 'GHSA-a', severity: one }, { id: 'GHSA-b', severity: other });
  expect(foundIn({ ...records, groups: [{ ids: ['GHSA-a', 'GHSA-b'] }] })).toMatchObject([{ severity }]);
});

test('malware is critical, and is called so', () => {
  const records = recordsOf({ id: 'MAL-2026-1', summary: 'left-bad' });
  const malware = { kind: 'vulnerability', severity: 'critical', title: 'Malicious package: left-bad' };
  expect(foundIn({ ...records, groups: [{ ids: ['MAL-2026-1'] }] })).toMatchObject([malware]);
});

test('what no group lists is found as well', () => {
  const records = recordsOf({ id: 'GHSA-a', severity: 'LOW' }, { id: 'GHSA-b', severity: 'HIGH' });
  expect(foundIn({ ...records, groups: [{ ids: ['GHSA-a'] }] }).map(({ id }) => id)).toEqual(['GHSA-a', 'GHSA-b']);
  expect(foundIn(records).map(({ severity }) => severity)).toEqual(['low', 'high']);
});

test('a version of Go is written as trivy’s findings have it, so that both are one version', () => {
  const text = { name: 'golang.org/x/text', version: 'v0.3.7', ecosystem: 'Go' };
  const found = { package: text, groups: [{ ids: ['GO-1'] }], vulnerabilities: [{ id: 'GO-1' }] };
  const findings = osvFindings({ results: [{ source: { path: '/work/x' }, packages: [found] }] }, '/work');
  expect(findings).toMatchObject([{ package: { versions: ['0.3.7'] } }]);
});
