import type { VulnerabilityFinding } from '../policy/findings.ts';

/** What to upgrade to, for each installed version where it is not the same: `5.7.2 (for 5.6.0), 7.5.2 (for 7.1.0)`. */
export function fixText({ fixedVersion, fixes }: VulnerabilityFinding): string | undefined {
  if (fixedVersion === undefined || fixes === undefined) return fixedVersion;
  return fixes.map(({ installed, fixed = 'no fix yet' }) => `${fixed} (for ${installed})`).join(', ');
}
