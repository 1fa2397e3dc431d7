import { expect, test } from 'vitest';
import type { VulnerabilityFinding } from '../../policy/findings.ts';
import type { TrivyReport } from '../../tools/trivy.ts';
import { withOsvResults } from './osv-results.ts';
import { vulnPredicate } from './predicate.ts';
import { vulnsPredicate } from './vulns-predicate.ts';

const found: VulnerabilityFinding = {
  kind: 'vulnerability',
  id: 'GHSA-x',
  aliases: ['CVE-2026-1'],
  severity: 'critical',
  title: 'left is bad',
  fingerprint: '',
  sources: ['osv-scanner'],
  package: { name: 'left', purl: 'pkg:npm/left', versions: ['1.0.0'] },
  fixedVersion: '1.0.1',
  places: [{ in: 'image', platforms: ['linux/amd64'], path: 'app/package.json' }],
};
const facts = {
  trivyVersion: '0.72.0',
  database: undefined,
  startedAt: new Date(0),
  finishedAt: new Date(0),
  artifactName: 'app',
};

function reportOf(severity?: string): TrivyReport {
  const PkgIdentifier = { PURL: 'pkg:npm/left@1.0.0' };
  const known = { VulnerabilityID: 'CVE-2026-1', PkgName: 'left', PkgIdentifier };
  const Vulnerabilities = severity === undefined ? [] : [{ ...known, Severity: severity }];
  return { SchemaVersion: 2, Results: [{ Target: 'Node.js', Class: 'lang-pkgs', Vulnerabilities }] };
}

test('what only osv-scanner saw stands in both predicates, in the form of trivy and marked', () => {
  const report = withOsvResults(reportOf(), [found], 'linux/amd64');
  expect(vulnPredicate(report, facts)).toMatchObject({
    scanner: {
      result: {
        Results: [
          {},
          {
            Target: 'app/package.json',
            Class: 'lang-pkgs',
            Vulnerabilities: [
              {
                VulnerabilityID: 'CVE-2026-1',
                VendorIDs: ['GHSA-x'],
                PkgName: 'left',
                InstalledVersion: '1.0.0',
                FixedVersion: '1.0.1',
                Severity: 'CRITICAL',
                DataSource: { ID: 'osv' },
              },
            ],
          },
        ],
      },
    },
  });
  const annotations = [{ package: 'pkg:npm/left@1.0.0' }, { version: '1.0.0' }, { fixedVersion: '1.0.1' }];
  expect(vulnsPredicate(report, facts)).toMatchObject({
    scanner: {
      result: [
        {
          id: 'CVE-2026-1',
          severity: [{ method: 'osv', score: 'CRITICAL' }],
          annotations: [...annotations, { dataSource: 'osv' }],
        },
      ],
    },
  });
});

test('what trivy has already is not told twice, unless it rates it less grave', () => {
  const added = (severity: string) => withOsvResults(reportOf(severity), [found], 'linux/amd64').Results?.length;
  expect([added('CRITICAL'), added('LOW')]).toEqual([1, 2]);
});

test('a platform has its own', () => {
  expect(withOsvResults(reportOf(), [found], 'linux/arm64')).toEqual(reportOf());
});
