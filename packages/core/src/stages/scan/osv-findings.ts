import path from 'node:path';
import { type Finding, parseSeverity, type Severity, type VulnerabilityFinding } from '../../policy/findings.ts';
import type { ListedPackage } from '../../report/artifact-spdx.ts';
import type { OsvPackage, OsvReport } from '../../tools/osv-scanner.ts';
import { fingerprint } from './fingerprint.ts';
import { purlOfEcosystem } from './package-url.ts';

type OsvVulnerability = NonNullable<OsvPackage['vulnerabilities']>[number];
type OsvGroup = NonNullable<OsvPackage['groups']>[number];

/** Findings of an osv-scanner report; paths become relative to the scanned directory. */
export function osvFindings(report: OsvReport, root: string): readonly Finding[] {
  return (report.results ?? []).flatMap((result) => {
    const file = relativeTo(root, result.source.path);
    return (result.packages ?? []).flatMap((each) => (each.groups ?? []).map((group) => finding(each, group, file)));
  });
}

/** osv-scanner groups records that are aliases of each other: one group is one advisory. */
function finding(found: OsvPackage, group: OsvGroup, file: string): VulnerabilityFinding {
  const ids = [...new Set([...group.ids, ...(group.aliases ?? [])])];
  const [id = 'unknown'] = ids;
  const records = (found.vulnerabilities ?? []).filter((each) => group.ids.includes(each.id));
  const { name, version, ecosystem } = found.package;
  const purl = purlOfEcosystem(ecosystem, name);
  const fixedVersion = fixOf(records, found.package);
  return {
    kind: 'vulnerability',
    id,
    aliases: ids.slice(1),
    severity: severityOf(group, records),
    title: records.map((each) => each.summary).find(Boolean) ?? id,
    fingerprint: fingerprint('vulnerability', id, purl),
    sources: ['osv-scanner'],
    package: { name, purl, versions: [version ?? ''] },
    ...(fixedVersion === undefined ? {} : { fixedVersion }),
    link: `https://osv.dev/vulnerability/${encodeURIComponent(id)}`,
    places: [{ in: 'source', path: file }],
  };
}

/** The CVSS score of the group (0.1 to 10, FIRST's bands), else the rating that the database itself gives. */
function severityOf(group: OsvGroup, records: readonly OsvVulnerability[]): Severity {
  const score = Number(group.max_severity || Number.NaN);
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  if (score >= 4) return 'medium';
  if (score > 0) return 'low';
  return parseSeverity(records.map((each) => each.database_specific?.severity).find((text) => text !== undefined));
}

/** Every version that ends an affected range of this package, oldest first as the record lists them. */
function fixOf(records: readonly OsvVulnerability[], { name }: OsvPackage['package']): string | undefined {
  const affected = records.flatMap((each) => each.affected ?? []).filter((each) => each.package?.name === name);
  const events = affected.flatMap((each) => each.ranges ?? []).flatMap((range) => range.events ?? []);
  const fixes = [...new Set(events.flatMap((event) => event.fixed ?? []))];
  return fixes.length === 0 ? undefined : fixes.join(', ');
}

/** Packages and the files they stand in, by ecosystem without its release (`Debian:12` is `Debian`). */
export function packagesOf(report: OsvReport, root: string): ReadonlyMap<string, { count: number; files: string[] }> {
  const packages = new Map<string, { count: number; files: string[] }>();
  for (const { source, packages: found } of report.results ?? []) {
    for (const each of found ?? []) {
      const ecosystem = each.package.ecosystem.split(':', 1)[0] ?? '';
      const entry = packages.get(ecosystem) ?? { count: 0, files: [] };
      entry.count += 1;
      const file = relativeTo(root, source.path);
      if (!entry.files.includes(file)) entry.files.push(file);
      packages.set(ecosystem, entry);
    }
  }
  return packages;
}

/** The same, one by one, for an SBOM. */
export function listedPackages({ results = [] }: OsvReport): readonly ListedPackage[] {
  const found = results.flatMap(({ packages = [] }) => packages.map((each) => each.package));
  return found.map(({ name, version = '', ecosystem }) => ({ name, version, purl: purlOfEcosystem(ecosystem, name) }));
}

function relativeTo(root: string, file: string): string {
  return path.relative(root, file).replaceAll(path.sep, '/');
}
