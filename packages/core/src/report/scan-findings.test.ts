import { describe, expect, it } from 'vitest';
import type { Finding, VulnerabilityFinding } from '../policy/findings.ts';
import { judge, type ScanRules } from '../policy/gate.ts';
import type { ScanReport } from '../stages/scan/report.ts';
import { licenceSection, misconfigurationSection, secretSection, vulnerabilitySection } from './scan-findings.ts';

const rules: ScanRules = {
  severities: ['critical', 'high'],
  fixableOnly: true,
  misconfigurations: ['high'],
  kev: {},
  suppressions: [],
};

function reportOf(findings: readonly Finding[]): ScanReport {
  return { findings, judgement: judge(findings, rules, new Date('2026-12-01')) } as unknown as ScanReport;
}

function vulnerable(name: string, change: Partial<VulnerabilityFinding> = {}): VulnerabilityFinding {
  return {
    kind: 'vulnerability',
    id: 'CVE-2026-1',
    aliases: [],
    severity: 'critical',
    title: 't',
    fingerprint: name,
    sources: ['trivy'],
    package: { name, purl: `pkg:npm/${name}`, versions: ['1'] },
    places: [{ in: 'source', path: 'package-lock.json' }],
    ...change,
  };
}

const many = (count: number, change: Partial<VulnerabilityFinding> = {}) =>
  Array.from({ length: count }, (_each, at) => vulnerable(`p${at}`, change));
const rowsOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2);

describe('vulnerable packages', () => {
  it.each([
    ['with a fix', { severity: 'high' as const, fixedVersion: '2' }],
    ['known to be exploited', { severity: 'low' as const, fixedVersion: '2', knownExploited: true as const }],
  ])('names the one that blocks, %s, before worse ones that do not', (_name, change) => {
    const rows = rowsOf(vulnerabilitySection(reportOf([...many(12), vulnerable('culprit', change)])));
    expect(rows).toHaveLength(10);
    expect(rows[0]).toContain('culprit');
    expect(rows.filter((row) => row.includes('❌'))).toHaveLength(1);
  });

  it('names more that block than it names others, up to a number, and says how many there are', () => {
    const blocking = many(60, { fixedVersion: '2' });
    const text = vulnerabilitySection(reportOf([...blocking, ...many(5)]));
    expect(rowsOf(text)).toHaveLength(50);
    expect(text).toContain('and 15 more');
  });

  it('shows what does not block when nothing does', () => {
    const text = vulnerabilitySection(reportOf(many(11)));
    expect(rowsOf(text)).toHaveLength(10);
    expect(text).toContain('and 1 more');
  });
});

describe('other sections', () => {
  const places = Array.from({ length: 60 }, (_each, at) => ({ in: 'source' as const, path: `f${at}` }));
  const common = { id: 'x', severity: 'high' as const, title: 't', fingerprint: 'f', sources: ['trivy' as const] };
  const packages = many(60).map(({ package: found }) => found);

  it.each([
    ['secrets', secretSection, [{ ...common, kind: 'secret' as const, places }]],
    [
      'misconfigurations',
      misconfigurationSection,
      places.map((place) => ({ ...common, kind: 'misconfiguration' as const, places: [place] })),
    ],
    [
      'licences',
      licenceSection,
      packages.map((found) => ({ ...common, kind: 'licence' as const, package: found, places: [] })),
    ],
  ])('say how many %s there are more', (_name, section, findings) => {
    const text = section(reportOf(findings));
    expect(rowsOf(text)).toHaveLength(50);
    expect(text).toContain('and 10 more');
  });
});
