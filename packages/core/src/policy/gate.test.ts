import { describe, expect, test } from 'vitest';
import type { Finding, SecretFinding, VulnerabilityFinding } from './findings.ts';
import { judge, type ScanRules } from './gate.ts';

const now = new Date('2026-11-21T09:00:00Z');
const rules: ScanRules = {
  severities: ['critical', 'high'],
  fixableOnly: false,
  misconfigurations: [],
  suppressions: [],
};

function vulnerability(change: Partial<VulnerabilityFinding> = {}): VulnerabilityFinding {
  return {
    kind: 'vulnerability',
    id: 'CVE-2026-1',
    aliases: ['GHSA-aaaa'],
    severity: 'high',
    title: 'Out of bounds',
    fingerprint: 'f1',
    sources: ['trivy'],
    package: { name: 'zlib1g', purl: 'pkg:deb/debian/zlib1g', versions: ['1.2'] },
    places: [{ in: 'image', platforms: ['linux/amd64'] }],
    ...change,
  };
}

const secret: SecretFinding = {
  kind: 'secret',
  id: 'private-key',
  severity: 'high',
  title: 'Asymmetric Private Key',
  fingerprint: 'abc',
  sources: ['trivy'],
  places: [{ in: 'image', platforms: ['linux/amd64'], path: '/app/key.pem' }],
};

const suppression = { id: 'CVE-2026-1', reason: 'not reachable', expires: '2026-12-01' };

test('HIGH blocks, MEDIUM and unrated do not, under the default rules', () => {
  const found: Finding[] = [
    vulnerability(),
    vulnerability({ severity: 'medium' }),
    vulnerability({ severity: 'unknown' }),
  ];
  const judgement = judge(found, rules, now);
  expect(judgement.outcome).toBe('fail');
  expect(judgement.blocking).toEqual([found[0]]);
});

test('a secret blocks whatever its severity, and even when only fixable findings do', () => {
  const found = [{ ...secret, severity: 'low' as const }];
  expect(judge(found, { ...rules, fixableOnly: true }, now).outcome).toBe('fail');
});

test('fixable-only lets a vulnerability without a fix pass, and only that', () => {
  const fixable = { ...rules, fixableOnly: true };
  expect(judge([vulnerability()], fixable, now).outcome).toBe('pass');
  expect(judge([vulnerability({ fixedVersion: '1.3' })], fixable, now).outcome).toBe('fail');
});

test.each([
  ['by id', {}, 'pass'],
  ['by alias', { id: 'GHSA-aaaa' }, 'pass'],
  ['for this package', { package: 'zlib1g' }, 'pass'],
  ['for this package URL', { package: 'pkg:deb/debian/zlib1g' }, 'pass'],
  ['for another package', { package: 'openssl' }, 'fail'],
  ['of another advisory', { id: 'CVE-2026-10' }, 'fail'],
  ['that expired yesterday', { expires: '2026-11-20' }, 'fail'],
  ['that expires today', { expires: '2026-11-21' }, 'fail'],
  ['that holds until tomorrow', { expires: '2026-11-22' }, 'pass'],
  ['with an unreadable date', { expires: 'next year' }, 'fail'],
])('a suppression %s', (_name, change, outcome) => {
  expect(judge([vulnerability()], { ...rules, suppressions: [{ ...suppression, ...change }] }, now).outcome).toBe(
    outcome,
  );
});

test('expired and unused suppressions are told apart', () => {
  const expired = { ...suppression, expires: '2026-01-01' };
  const unused = { ...suppression, id: 'CVE-1999-1' };
  const judgement = judge([vulnerability()], { ...rules, suppressions: [expired, unused] }, now);
  expect(judgement.expired.map((one) => one.by)).toEqual([expired]);
  expect(judgement.unused).toEqual([unused]);
});

test('a secret is suppressed by its fingerprint, never by its rule', () => {
  const byRule = { ...suppression, id: 'private-key' };
  const byFingerprint = { ...suppression, id: 'abc' };
  expect(judge([secret], { ...rules, suppressions: [byRule] }, now).outcome).toBe('fail');
  expect(judge([secret], { ...rules, suppressions: [byFingerprint] }, now).outcome).toBe('pass');
});

test.each(['DS-0002', 'AVD-DS-0002', 'DS002', 'ds002'])(
  'a check is suppressed by %s, which trivy has called it',
  (id) => {
    const check: Finding = { ...secret, kind: 'misconfiguration', id: 'DS-0002' };
    const judged = (given: string) =>
      judge([check], { ...rules, misconfigurations: ['high'], suppressions: [{ ...suppression, id: given }] }, now)
        .outcome;
    expect(judged(id)).toBe('pass');
    expect(judged('DS-0020')).toBe('fail');
  },
);

describe('limited suppressions', () => {
  const both = vulnerability({
    places: [{ in: 'image', platforms: ['linux/amd64', 'linux/arm64'], path: '/app/a.jar' }],
  });
  const judged = (...suppressions: ScanRules['suppressions']) => judge([both], { ...rules, suppressions }, now);

  test('one platform of two is not enough, both are', () => {
    expect(judged({ ...suppression, platform: 'linux/amd64' }).outcome).toBe('fail');
    const each = ['linux/amd64', 'linux/arm64'].map((platform) => ({ ...suppression, platform }));
    expect(judged(...each)).toMatchObject({ outcome: 'pass', unused: [] });
  });

  test.each([
    ['app/*.jar', 'pass'],
    ['/app/**', 'pass'],
    ['**/a.jar', 'pass'],
    ['*.jar', 'fail'],
    ['app/b.jar', 'fail'],
    ['app/a.jarx', 'fail'],
  ])('the path %s gives %s', (path, outcome) => {
    const judgement = judged({ ...suppression, paths: [path] });
    expect(judgement.outcome).toBe(outcome);
    expect(judgement.unused).toHaveLength(outcome === 'pass' ? 0 : 1);
  });

  test('a version limits it to that version', () => {
    expect(judged({ ...suppression, version: '1.2' }).outcome).toBe('pass');
    expect(judged({ ...suppression, version: '1.3' }).outcome).toBe('fail');
  });

  test('those that end within two weeks are told', () => {
    expect(judged(suppression).expiring).toEqual([suppression]);
    expect(judged({ ...suppression, expires: '2026-12-24' }).expiring).toEqual([]);
    expect(judged({ ...suppression, expires: '2026-11-21' })).toMatchObject({ outcome: 'fail', expiring: [] });
  });
});

describe('what is known of exploitation', () => {
  const low = vulnerability({ severity: 'low', epss: 0.4, knownExploited: true });

  test.each([
    ['nothing asked for', {}, 'pass'],
    ['a probability above', { epss: { threshold: 0.5 } }, 'pass'],
    ['the very probability', { epss: { threshold: 0.4 } }, 'fail'],
    ['known exploited', { kev: {} }, 'fail'],
    ['known exploited without a fix, where only the fixable counts', { kev: {}, fixableOnly: true }, 'pass'],
  ])('%s', (_name, change, outcome) => {
    expect(judge([low], { ...rules, ...change }, now).outcome).toBe(outcome);
  });

  test('is nothing to a vulnerability that nobody knows of', () => {
    expect(
      judge([vulnerability({ severity: 'low' })], { ...rules, epss: { threshold: 0.1 }, kev: {} }, now).outcome,
    ).toBe('pass');
  });
});
