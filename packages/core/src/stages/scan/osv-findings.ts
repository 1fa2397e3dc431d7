import path from 'node:path';
import {
  type Finding,
  parseSeverity,
  type Severity,
  type VulnerabilityFinding,
  worseSeverity,
} from '../../policy/findings.ts';
import type { ListedPackage } from '../../report/artifact-spdx.ts';
import type { OsvPackage, OsvReport } from '../../tools/osv-scanner.ts';
import { fingerprint } from './fingerprint.ts';
import { plainVersion, purlOfEcosystem } from './package-url.ts';

type OsvVulnerability = NonNullable<OsvPackage['vulnerabilities']>[number];
type OsvGroup = NonNullable<OsvPackage['groups']>[number];

/** Findings of an osv-scanner report; paths become relative to the scanned directory. */
export function osvFindings(report: OsvReport, root: string): readonly Finding[] {
  return (report.results ?? []).flatMap((result) => {
    const file = relativeTo(root, result.source.path);
    return (result.packages ?? []).flatMap((each) => groupsOf(each).map((group) => finding(each, group, file)));
  });
}

/** What no group lists is a group of its own: a report may come without groups, and nothing in it may be lost. */
function groupsOf({ groups = [], vulnerabilities = [] }: OsvPackage): readonly OsvGroup[] {
  const grouped = new Set(groups.flatMap(({ ids }) => ids));
  const alone = vulnerabilities.filter(({ id }) => !grouped.has(id));
  return [...groups, ...alone.map(({ id, aliases = [] }) => ({ ids: [id], aliases }))];
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
    title: titleOf(ids, records),
    fingerprint: fingerprint('vulnerability', id, purl),
    sources: ['osv-scanner'],
    package: { name, purl, versions: [plainVersion(purl, version ?? '')] },
    ...(fixedVersion === undefined ? {} : { fixedVersion }),
    link: `https://osv.dev/vulnerability/${encodeURIComponent(id)}`,
    places: [{ in: 'source', path: file }],
  };
}

/** Malware that bears the name of a package (github.com/ossf/malicious-packages); nobody rates these. */
const MALICIOUS = /^MAL-/;

function titleOf([id = 'unknown', ...others]: readonly string[], records: readonly OsvVulnerability[]): string {
  const title = records.map((each) => each.summary).find(Boolean) ?? id;
  const told = ![id, ...others].some((each) => MALICIOUS.test(each)) || /malicious|malware/i.test(title);
  return told ? title : `Malicious package: ${title}`;
}

/** The worst of the CVSS score and of what the databases say in words; not every record has both. Malware is critical. */
function severityOf(group: OsvGroup, records: readonly OsvVulnerability[]): Severity {
  if ([...group.ids, ...(group.aliases ?? [])].some((id) => MALICIOUS.test(id))) return 'critical';
  const rated = records.map((each) => parseSeverity(each.database_specific?.severity));
  return rated.reduce(worseSeverity, severityOfScore(group.max_severity));
}

/** 0.1 to 10, in FIRST's bands. */
function severityOfScore(text: string | undefined): Severity {
  const score = Number(text || Number.NaN);
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  if (score >= 4) return 'medium';
  if (score > 0) return 'low';
  return 'unknown';
}

/** Every version that ends an affected range of this package, oldest first as the record lists them. */
function fixOf(records: readonly OsvVulnerability[], { name }: OsvPackage['package']): string | undefined {
  const affected = records.flatMap((each) => each.affected ?? []).filter((each) => each.package?.name === name);
  const events = affected.flatMap((each) => each.ranges ?? []).flatMap((range) => range.events ?? []);
  const fixes = [...new Set(events.flatMap((event) => event.fixed ?? []))];
  return fixes.length === 0 ? undefined : fixes.join(', ');
}

type NamedPackage = OsvPackage['package'];
const WHOLE_COMMIT = 40;

/** Whether osv-scanner looked it up: it reports packages without version, and of a commit cut short, and skips them. */
export function wasLookedUp({ version = '', commit = '' }: NamedPackage): boolean {
  return commit === '' ? version !== '' : commit.length >= WHOLE_COMMIT;
}

/** Names of packages without any version, by the file they stand in. */
export function unpinnedOf(report: OsvReport, root: string): ReadonlyMap<string, readonly string[]> {
  const unpinned = (report.results ?? []).map(({ source, packages = [] }) => {
    const named = packages.filter(({ package: { version = '', commit = '' } }) => version === '' && commit === '');
    return [relativeTo(root, source.path), named.map((each) => each.package.name)] as const;
  });
  return new Map(unpinned.filter(([, names]) => names.length > 0));
}

/** Packages that were looked up, and the files they stand in, by ecosystem without its release (`Debian:12` is `Debian`). */
export function packagesOf(report: OsvReport, root: string): ReadonlyMap<string, { count: number; files: string[] }> {
  const packages = new Map<string, { count: number; files: string[] }>();
  for (const { source, packages: found } of report.results ?? []) {
    for (const each of found ?? []) {
      const ecosystem = each.package.ecosystem.split(':', 1)[0] ?? '';
      const entry = packages.get(ecosystem) ?? { count: 0, files: [] };
      entry.count += wasLookedUp(each.package) ? 1 : 0;
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

/** With forward slashes. */
export function relativeTo(root: string, file: string): string {
  return path.relative(root, file).replaceAll(path.sep, '/');
}
