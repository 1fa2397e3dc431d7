import type { VersionFix, VulnerabilityFinding } from '../../policy/findings.ts';

type Fixes = Pick<VulnerabilityFinding, 'fixedVersion' | 'fixes'>;

/**
 * The fixes of two findings that are one. Two versions of a package may be mended in two lines of releases, and what is right
 * for one is a downgrade for the other.
 */
export function mergedFixes(one: VulnerabilityFinding, other: VulnerabilityFinding): Fixes {
  const byVersion = new Map<string, string | undefined>();
  for (const { installed, fixed } of [...fixesOf(one), ...fixesOf(other)])
    byVersion.set(installed, byVersion.get(installed) ?? fixed);
  const known = [...new Set([...byVersion.values()].filter((fixed) => fixed !== undefined))];
  if (known.length === 0) return {};
  const same = known.length === 1 && ![...byVersion.values()].includes(undefined);
  const fixedVersion = known.join(', ');
  return same ? { fixedVersion } : { fixedVersion, fixes: [...byVersion].map(versionFix) };
}

function fixesOf({ fixes, fixedVersion, package: { versions } }: VulnerabilityFinding): readonly VersionFix[] {
  return fixes ?? versions.map((installed) => versionFix([installed, fixedVersion]));
}

function versionFix([installed, fixed]: readonly [string, string | undefined]): VersionFix {
  return fixed === undefined ? { installed } : { installed, fixed };
}
