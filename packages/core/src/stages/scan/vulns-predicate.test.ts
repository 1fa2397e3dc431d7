import { expect, test } from 'vitest';
import { vulnsPredicate } from './vulns-predicate.ts';

const facts = {
  trivyVersion: 'v0.72.0',
  database: {
    name: 'trivy-db',
    source: 'mirror/trivy-db@sha256:1',
    digest: `sha256:${'1'.repeat(64)}`,
    updatedAt: new Date('2026-11-21T06:00:00Z'),
  },
  startedAt: new Date('2026-11-21T09:00:00Z'),
  finishedAt: new Date('2026-11-21T09:00:05Z'),
  artifactName: 'ghcr.io/acme/app',
} as const;

test('has every member that the specification requires', () => {
  const found = {
    VulnerabilityID: 'CVE-2026-1',
    PkgName: 'zlib1g',
    PkgIdentifier: { PURL: 'pkg:deb/debian/zlib1g@1.2' },
    InstalledVersion: '1.2',
    Severity: 'HIGH',
    SeveritySource: 'nvd',
    CVSS: { nvd: { V3Score: 7.5, V3Vector: 'x' }, other: { V2Score: 5 } },
  };
  const report = { SchemaVersion: 2, Results: [{ Target: 'x', Vulnerabilities: [found] }] } as const;
  expect(vulnsPredicate({ ...report, Results: [{ Target: 'x', Vulnerabilities: [found] }] }, facts)).toEqual({
    scanner: {
      uri: 'pkg:github/aquasecurity/trivy@v0.72.0',
      version: '0.72.0',
      db: { uri: facts.database.source, version: facts.database.digest, lastUpdate: '2026-11-21T06:00:00.000Z' },
      result: [
        {
          id: 'CVE-2026-1',
          severity: [
            { method: 'nvd', score: 'HIGH' },
            { method: 'CVSS_V3 (nvd)', score: '7.5' },
          ],
          annotations: [{ package: 'pkg:deb/debian/zlib1g@1.2' }, { version: '1.2' }],
        },
      ],
    },
    metadata: { scanStartedOn: '2026-11-21T09:00:00.000Z', scanFinishedOn: '2026-11-21T09:00:05.000Z' },
  });
});
