import type { Finding, FindingPlace, VulnerabilityFinding } from '../policy/findings.ts';
import type { ScanReport } from '../stages/scan/report.ts';
import { placeText } from './finding-place.ts';
import { fixText } from './fix-text.ts';
import { code, escape, link, sections, table } from './markdown.ts';

const TOP = 10;
/** Of what blocks: as many as a person still reads. */
const MOST_BLOCKING = 50;

/** What blocks comes first, and is there when others are not: it is what has to be done. */
export function vulnerabilitySection({ findings, judgement }: ScanReport): string {
  const suppressed = new Set(judgement.suppressed.map(({ finding }) => finding));
  const blocking = new Set<Finding>(judgement.blocking);
  const open = findings
    .filter((finding) => finding.kind === 'vulnerability')
    .filter((finding) => !suppressed.has(finding));
  const first = open.filter((finding) => blocking.has(finding)).slice(0, MOST_BLOCKING);
  const others = open.filter((finding) => !blocking.has(finding)).slice(0, Math.max(0, TOP - first.length));
  const shown = [...first, ...others];
  if (shown.length === 0) return '';
  return sections('### Vulnerable packages', vulnerabilityTable(shown, blocking), more(open.length, shown.length));
}

function more(all: number, shown: number): string | undefined {
  return all > shown ? `… and ${all - shown} more in the report file.` : undefined;
}

/** A table of as many rows as are read, and how many there are more. */
function cutTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return sections(table(columns, rows.slice(0, MOST_BLOCKING)), more(rows.length, MOST_BLOCKING));
}

function vulnerabilityTable(findings: readonly VulnerabilityFinding[], blocking: ReadonlySet<Finding>): string {
  return table(
    ['Blocks', 'Severity', 'Package', 'Installed', 'Fixed in', 'Advisory', 'Where', 'Seen by'],
    findings.map((finding) => [
      blocking.has(finding) ? '❌' : '',
      gravity(finding),
      code(finding.package.name),
      escape(finding.package.versions.join(', ')),
      escape(fixText(finding) ?? 'no fix yet'),
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
  return sections('### Licences that the policy refuses', cutTable(['Licence', 'Package', 'Where'], rows));
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
  return sections('### Secrets', cutTable(['What', 'File', 'In', 'Brought in by', 'Fingerprint'], rows));
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
  return sections('### Misconfigurations', cutTable(['Severity', 'Check', 'What', 'Where', 'Remedy'], rows));
}

function where(finding: Finding): string {
  const shown = finding.places.slice(0, 3).map((place) => escape(placeText(place)));
  return [...shown, ...(finding.places.length > 3 ? [`and ${finding.places.length - 3} more`] : [])].join('<br>');
}
