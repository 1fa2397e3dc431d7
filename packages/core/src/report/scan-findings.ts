import type { Finding, FindingPlace, VulnerabilityFinding } from '../policy/findings.ts';
import type { ScanReport } from '../stages/scan/report.ts';
import { placeText } from './finding-place.ts';
import { code, escape, link, sections, table } from './markdown.ts';

const TOP = 10;

export function vulnerabilitySection({ findings, judgement }: ScanReport): string {
  const suppressed = new Set(judgement.suppressed.map(({ finding }) => finding));
  const open = findings
    .filter((finding) => finding.kind === 'vulnerability')
    .filter((finding) => !suppressed.has(finding));
  const shown = open.slice(0, TOP);
  const more = open.length > TOP ? `… and ${open.length - TOP} more in the report file.` : undefined;
  return shown.length === 0 ? '' : sections('### Vulnerable packages', vulnerabilityTable(shown), more);
}

function vulnerabilityTable(findings: readonly VulnerabilityFinding[]): string {
  return table(
    ['Severity', 'Package', 'Installed', 'Fixed in', 'Advisory', 'Where', 'Seen by'],
    findings.map((finding) => [
      gravity(finding),
      code(finding.package.name),
      escape(finding.package.versions.join(', ')),
      finding.fixedVersion === undefined ? 'no fix yet' : escape(finding.fixedVersion),
      finding.link === undefined ? escape(finding.id) : link(finding.id, finding.link),
      where(finding),
      finding.sources.join(', '),
    ]),
  );
}

/** The severity, and what is known of its exploitation. */
function gravity({ severity, epss, knownExploited }: VulnerabilityFinding): string {
  const parts = [severity as string];
  if (knownExploited === true) parts.push('**known to be exploited**');
  if (epss !== undefined) parts.push(`EPSS ${(100 * epss).toFixed(1)} %`);
  return parts.join('<br>');
}

export function licenceSection({ judgement }: ScanReport): string {
  const blocking = judgement.blocking.filter((finding) => finding.kind === 'licence');
  if (blocking.length === 0) return '';
  const rows = blocking.map((finding) => [escape(finding.id), code(finding.package.name), where(finding)]);
  return sections(
    '### Licences that the policy refuses',
    table(['Licence', 'Package', 'Where'], rows.slice(0, 2 * TOP)),
  );
}

export function secretSection({ findings, judgement }: ScanReport): string {
  const suppressed = new Set(judgement.suppressed.map(({ finding }) => finding));
  const secrets = findings.filter((finding) => finding.kind === 'secret' && !suppressed.has(finding));
  const rows = secrets.flatMap((finding) =>
    finding.places.map((place) => [
      escape(finding.title),
      code(place.path ?? ''),
      place.in === 'image' ? `image, ${escape(place.platforms.join(', '))}` : 'source',
      broughtBy(place),
      code(finding.fingerprint),
    ]),
  );
  if (rows.length === 0) return '';
  return sections('### Secrets', table(['What', 'File', 'In', 'Brought in by', 'Fingerprint'], rows.slice(0, 5 * TOP)));
}

/** The instruction where it is known, else the layer. */
function broughtBy(place: FindingPlace): string {
  if (place.in === 'source') return '–';
  const { origin, layer } = place;
  if (origin !== undefined) return `${code(`${origin.path}:${origin.line}`)} ${code(origin.text)}`;
  return layer === undefined ? '–' : code(layer.slice(0, 19));
}

export function misconfigurationSection({ judgement }: ScanReport): string {
  const blocking = judgement.blocking.filter((finding) => finding.kind === 'misconfiguration');
  if (blocking.length === 0) return '';
  const rows = blocking.map((finding) => [
    finding.severity,
    finding.link === undefined ? escape(finding.id) : link(finding.id, finding.link),
    escape(finding.title),
    where(finding),
    escape(finding.resolution ?? ''),
  ]);
  return sections(
    '### Misconfigurations',
    table(['Severity', 'Check', 'What', 'Where', 'Remedy'], rows.slice(0, 2 * TOP)),
  );
}

function where(finding: Finding): string {
  const shown = finding.places.slice(0, 3).map((place) => escape(placeText(place)));
  return [...shown, ...(finding.places.length > 3 ? [`and ${finding.places.length - 3} more`] : [])].join('<br>');
}
