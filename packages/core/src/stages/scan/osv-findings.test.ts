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
