import { expect, test } from 'vitest';
import type { VulnerabilityFinding } from '../policy/findings.ts';
import { fixText } from './fix-text.ts';

const finding: VulnerabilityFinding = {
  kind: 'vulnerability',
  id: 'CVE-2026-1',
  aliases: [],
  severity: 'high',
  title: 'x',
  fingerprint: 'a'.repeat(32),
  sources: ['trivy'],
  package: { name: 'semver', purl: 'pkg:npm/semver', versions: ['5.6.0', '7.1.0'] },
  places: [],
};

test('says the fix of each installed version, unless it is the same for all', () => {
  expect(fixText(finding)).toBeUndefined();
  expect(fixText({ ...finding, fixedVersion: '7.5.2' })).toBe('7.5.2');
  const fixes = [{ installed: '5.6.0', fixed: '5.7.2' }, { installed: '7.1.0' }];
  expect(fixText({ ...finding, fixedVersion: '5.7.2', fixes })).toBe('5.7.2 (for 5.6.0), no fix yet (for 7.1.0)');
});
