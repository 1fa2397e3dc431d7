import { expect, test } from 'vitest';
import { defaultPolicy } from '../../policy/defaults.ts';
import { judge } from '../../policy/gate.ts';
import type { TrivyReport } from '../../tools/trivy.ts';
import { joinFindings } from './join.ts';
import { trivyFindings } from './trivy-findings.ts';

const image = { in: 'image', platform: 'linux/amd64' } as const;
const openssl = { PkgName: 'openssl', PkgIdentifier: { PURL: 'pkg:deb/debian/openssl@1.1.1k-1' } };

function reportOf(Class: string, vulnerabilities: NonNullable<TrivyReport['Results']>[number]['Vulnerabilities']) {
  const report: TrivyReport = {
    SchemaVersion: 2,
    Results: [{ Target: 'x', Class, Vulnerabilities: vulnerabilities ?? [] }],
  };
  return report;
}

test('an update of the distribution joins nothing, and to suppress one of its vulnerabilities spares no other', () => {
  const update = { ...openssl, VendorIDs: ['DSA-5103-1'] };
  const found = joinFindings(
    trivyFindings(
      reportOf('os-pkgs', [
        { ...update, VulnerabilityID: 'CVE-2022-1', Severity: 'CRITICAL' },
        { ...update, VulnerabilityID: 'CVE-2022-2', Severity: 'MEDIUM' },
        { ...update, VulnerabilityID: 'CVE-2022-3', Severity: 'HIGH' },
      ]),
      image,
    ),
  );
  expect(found.map(({ id }) => id)).toEqual(['CVE-2022-1', 'CVE-2022-3', 'CVE-2022-2']);
  expect(found[0]).toMatchObject({ aliases: [], updates: ['DSA-5103-1'] });
  for (const id of ['CVE-2022-2', 'DSA-5103-1']) {
    const rules = { ...defaultPolicy.scan, suppressions: [{ id, reason: 'r', expires: '2999-01-01' }] };
    const { blocking } = judge(found, rules, new Date('2026-12-01T00:00:00Z'));
    expect(blocking.map((each) => each.id)).toEqual(['CVE-2022-1', 'CVE-2022-3']);
  }
});

test('the other names of an advisory on a language package are names of it', () => {
  const [found] = trivyFindings(
    reportOf('lang-pkgs', [{ PkgName: 'left', VulnerabilityID: 'CVE-2026-1', VendorIDs: ['GHSA-x'] }]),
    image,
  );
  expect(found).toMatchObject({ aliases: ['GHSA-x'] });
});
