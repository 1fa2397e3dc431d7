import { type Finding, parseSeverity, type VulnerabilityFinding, worseSeverity } from '../../policy/findings.ts';
import type { TrivyReport, TrivyResult } from '../../tools/trivy.ts';
import { advisoryId } from './join.ts';
import { barePurl } from './package-url.ts';

type TrivyVulnerability = NonNullable<TrivyResult['Vulnerabilities']>[number];

/** Says of whom a result is that trivy itself did not have. */
const OSV = { ID: 'osv', Name: 'OSV, by osv-scanner', URL: 'https://osv.dev' };

/**
 * A report of trivy and what only osv-scanner saw on the same platform, or rated worse, in trivy's form: an admission policy
 * looks into that alone, and would let in what the gate had refused.
 *
 * @param findings as osv-scanner gave them, not joined
 */
export function withOsvResults(report: TrivyReport, findings: readonly Finding[], platform: string): TrivyReport {
  const results = report.Results ?? [];
  const known = results.flatMap(({ Vulnerabilities = [] }) => Vulnerabilities);
  const byTarget = new Map<string, TrivyResult>();
  for (const finding of findings) {
    if (finding.kind !== 'vulnerability' || known.some((each) => tellsOf(each, finding))) continue;
    for (const place of finding.places) {
      if (place.in !== 'image' || !place.platforms.includes(platform)) continue;
      const Type = /^pkg:([a-z]+)\//.exec(finding.package.purl)?.[1] ?? '';
      const Target = place.path ?? Type;
      const before = byTarget.get(Target)?.Vulnerabilities ?? [];
      const Vulnerabilities = [...before, vulnerability(finding, place.path)];
      byTarget.set(Target, { Target, Class: 'lang-pkgs', Type, Vulnerabilities });
    }
  }
  return byTarget.size === 0 ? report : { ...report, Results: [...results, ...byTarget.values()] };
}

/** Of the same package and advisory, and of no lesser severity. */
function tellsOf(
  trivy: TrivyVulnerability,
  { package: { purl }, id, aliases, severity }: VulnerabilityFinding,
): boolean {
  if (barePurl(trivy.PkgIdentifier?.PURL ?? '') !== purl) return false;
  const names = [trivy.VulnerabilityID, ...(trivy.VendorIDs ?? [])];
  const rated = parseSeverity(trivy.Severity);
  return [id, ...aliases].some((name) => names.includes(name)) && worseSeverity(rated, severity) === rated;
}

function vulnerability(finding: VulnerabilityFinding, file: string | undefined): TrivyVulnerability {
  const { name, purl, versions } = finding.package;
  const version = versions[0] ?? '';
  const id = advisoryId(finding);
  return {
    VulnerabilityID: id,
    VendorIDs: [finding.id, ...finding.aliases].filter((each) => each !== id),
    PkgName: name,
    PkgIdentifier: { PURL: `${purl}@${version}` },
    ...(file === undefined ? {} : { PkgPath: file }),
    InstalledVersion: version,
    ...(finding.fixedVersion === undefined ? {} : { FixedVersion: finding.fixedVersion }),
    SeveritySource: OSV.ID,
    Severity: finding.severity.toUpperCase(),
    Title: finding.title,
    ...(finding.link === undefined ? {} : { PrimaryURL: finding.link }),
    DataSource: OSV,
  };
}
