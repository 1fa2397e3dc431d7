import { expect, test } from 'vitest';
import type { SecretFinding, VulnerabilityFinding } from '../../policy/findings.ts';
import { joinFindings } from './join.ts';

function seen(change: Partial<VulnerabilityFinding> = {}): VulnerabilityFinding {
  return {
    kind: 'vulnerability',
    id: 'CVE-2026-1',
    aliases: [],
    severity: 'high',
    title: 'Out of bounds',
    fingerprint: '',
    sources: ['trivy'],
    package: { name: 'x/text', purl: 'pkg:golang/x/text', versions: ['v0.3.0'] },
    places: [{ in: 'image', platforms: ['linux/amd64'], path: '/app' }],
    ...change,
  };
}

const fromOsv = seen({
  id: 'GO-2026-7',
  aliases: ['CVE-2026-1', 'GHSA-x'],
  severity: 'unknown',
  sources: ['osv-scanner'],
  fixedVersion: '0.3.8',
  package: { name: 'x/text', purl: 'pkg:golang/x/text', versions: ['0.3.0'] },
  places: [{ in: 'source', path: 'go.mod' }],
});

test('two scanners, one advisory under two names: one finding, named after the CVE', () => {
  for (const order of [
    [seen(), fromOsv],
    [fromOsv, seen()],
  ]) {
    const [joined, ...others] = joinFindings(order);
    expect(others).toEqual([]);
    expect(joined).toMatchObject({
      id: 'CVE-2026-1',
      aliases: ['GHSA-x', 'GO-2026-7'],
      severity: 'high',
      fixedVersion: '0.3.8',
    });
    expect(joined?.sources.toSorted()).toEqual(['osv-scanner', 'trivy']);
    expect(joined?.places).toHaveLength(2);
  }
});

test('a finding on two platforms is one finding that names both', () => {
  const arm = seen({ places: [{ in: 'image', platforms: ['linux/arm64'], path: '/app' }] });
  expect(joinFindings([seen(), arm])[0]?.places).toEqual([
    { in: 'image', platforms: ['linux/amd64', 'linux/arm64'], path: '/app' },
  ]);
});

test('the same advisory in another package is another finding', () => {
  const other = seen({ package: { name: 'y', purl: 'pkg:golang/y', versions: ['1'] } });
  expect(joinFindings([seen(), other])).toHaveLength(2);
});

test('two findings that a third one shows to be aliases become one', () => {
  const ghsa = seen({ id: 'GHSA-x', places: [{ in: 'source', path: 'a' }] });
  expect(joinFindings([seen(), ghsa, fromOsv])).toHaveLength(1);
});

test('fingerprints do not depend on scanner, order, version or place', () => {
  const newer = seen({ package: { ...seen().package, versions: ['v0.3.1'] }, places: [{ in: 'source', path: 'z' }] });
  const prints = [[seen(), fromOsv], [fromOsv, seen()], [newer]].map((found) => joinFindings(found)[0]?.fingerprint);
  expect(new Set(prints).size).toBe(1);
});

test('secrets join by fingerprint only, and the worst come first', () => {
  const secret: SecretFinding = {
    kind: 'secret',
    id: 'private-key',
    severity: 'critical',
    title: 'Private key',
    fingerprint: 'a',
    sources: ['trivy'],
    places: [{ in: 'image', platforms: ['linux/amd64'], path: '/k' }],
  };
  const joined = joinFindings([seen(), secret, { ...secret, fingerprint: 'b' }, secret]);
  expect(joined.map((finding) => finding.kind)).toEqual(['secret', 'secret', 'vulnerability']);
});

test('every installed version keeps its own fix, whichever scanner knows it', () => {
  const installed = (version: string, fixedVersion?: string, change: Partial<VulnerabilityFinding> = {}) => {
    const semver = { name: 'semver', purl: 'pkg:npm/semver', versions: [version] };
    return seen({ package: semver, ...(fixedVersion === undefined ? {} : { fixedVersion }), ...change });
  };
  const old = installed('5.6.0', '5.7.2');
  const [both] = joinFindings([old, installed('7.1.0', '7.5.2'), installed('5.6.0')]);
  const fixes = [
    { installed: '5.6.0', fixed: '5.7.2' },
    { installed: '7.1.0', fixed: '7.5.2' },
  ];
  expect(both).toMatchObject({ fixedVersion: '5.7.2, 7.5.2', fixes });
  const [half] = joinFindings([installed('8.0.0'), old]);
  expect(half).toMatchObject({ fixedVersion: '5.7.2', fixes: [{ installed: '8.0.0' }, fixes[0]] });
  const [one] = joinFindings([old, installed('5.6.1', '5.7.2'), installed('5.6.1')]);
  expect(one).toMatchObject({ fixedVersion: '5.7.2' });
  expect(one).not.toHaveProperty('fixes');
});
