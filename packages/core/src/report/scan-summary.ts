import {
  type Finding,
  isFixable,
  SEVERITIES,
  type Severity,
  subjectOf,
  type VulnerabilityFinding,
} from '../policy/findings.ts';
import { SOON_DAYS, type SuppressedFinding } from '../policy/gate.ts';
import type { ScanReport } from '../stages/scan/report.ts';
import type { Outcome } from '../stages/scan/verdict.ts';
import { placeText } from './finding-place.ts';
import { code, escape, link, sections, table } from './markdown.ts';
import { coverageSection } from './scan-coverage.ts';
import { blockingText } from './wording.ts';

const TOP = 10;

const HEADLINES: Readonly<Record<Outcome, string>> = {
  pass: '✅ Scan passed',
  fail: '❌ Scan failed: the policy does not allow what was found',
  error: '🛑 No verdict: a scanner broke',
  incomplete: '🟠 No verdict: not everything could be looked at',
};

/** The job summary of a scan, for a person who did not write the workflow. */
export function scanSummary(report: ScanReport): string {
  return sections(
    `## ${HEADLINES[report.outcome]}`,
    `${code(report.image)} ${report.digest === undefined ? '(the source only)' : code(report.digest)}`,
    whatToDo(report),
    countsTable(report),
    vulnerabilitySection(report),
    secretSection(report),
    misconfigurationSection(report),
    suppressionSections(report),
    coverageSection(report),
  );
}

function whatToDo(report: ScanReport): string {
  const lines = report.problems.map(({ what, todo }) => `- **${escape(what)}.** ${escape(todo)}`);
  if (report.judgement.blocking.length > 0) {
    lines.push(`- **${escape(blockingText(report.judgement.blocking))}.** ${adviceFor(report.judgement.blocking)}`);
  }
  return lines.length === 0 ? '' : `### What to do\n\n${lines.join('\n')}`;
}

function adviceFor(blocking: readonly Finding[]): string {
  const advice: string[] = [];
  const kinds = new Set(blocking.map((finding) => finding.kind));
  if (kinds.has('secret'))
    advice.push(
      'Revoke each secret now, then build without it: deleting the file in a later layer leaves it readable.',
    );
  if (kinds.has('vulnerability')) advice.push('Upgrade to the versions in the table below, or to a newer base image.');
  if (kinds.has('misconfiguration')) advice.push('Correct the configuration at the places listed below.');
  advice.push(
    'What you decide to live with goes into `scan.suppressions` of the policy, with `id`, `reason` and `expires`.',
  );
  return advice.join(' ');
}

function countsTable({ findings, judgement }: ScanReport): string {
  const suppressed = new Set(judgement.suppressed.map(({ finding }) => finding));
  const blocking = new Set(judgement.blocking);
  const row = (label: string, of: readonly Finding[], fixes: boolean): string[] => {
    const open = of.filter((finding) => !suppressed.has(finding));
    const fixable = open.filter(isFixable).length;
    return [
      label,
      fixes ? String(fixable) : String(open.length),
      fixes ? String(open.length - fixable) : '–',
      String(of.length - open.length),
      String(of.filter((finding) => blocking.has(finding)).length),
    ];
  };
  const vulnerabilities = findings.filter((finding) => finding.kind === 'vulnerability');
  const bySeverity = (severity: Severity) => vulnerabilities.filter((finding) => finding.severity === severity);
  const right = (heading: string) => ({ heading, align: 'right' as const });
  return table(
    ['', right('With a fix'), right('No fix yet'), right('Suppressed'), right('Blocking')],
    [
      ...SEVERITIES.map((severity) => row(severity, bySeverity(severity), true)),
      row(
        'secrets',
        findings.filter((finding) => finding.kind === 'secret'),
        false,
      ),
      row(
        'misconfigurations',
        findings.filter((finding) => finding.kind === 'misconfiguration'),
        false,
      ),
    ],
  );
}

function vulnerabilitySection({ findings, judgement }: ScanReport): string {
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
      finding.severity,
      code(finding.package.name),
      escape(finding.package.versions.join(', ')),
      finding.fixedVersion === undefined ? 'no fix yet' : escape(finding.fixedVersion),
      finding.link === undefined ? escape(finding.id) : link(finding.id, finding.link),
      where(finding),
      finding.sources.join(', '),
    ]),
  );
}

function secretSection({ findings, judgement }: ScanReport): string {
  const suppressed = new Set(judgement.suppressed.map(({ finding }) => finding));
  const secrets = findings.filter((finding) => finding.kind === 'secret' && !suppressed.has(finding));
  const rows = secrets.flatMap((finding) =>
    finding.places.map((place) => [
      escape(finding.title),
      code(place.path ?? ''),
      place.in === 'image' ? `image, ${escape(place.platforms.join(', '))}` : 'source',
      place.in === 'image' && place.layer !== undefined ? code(place.layer.slice(0, 19)) : '–',
      code(finding.fingerprint),
    ]),
  );
  if (rows.length === 0) return '';
  return sections('### Secrets', table(['What', 'File', 'In', 'Layer', 'Fingerprint'], rows.slice(0, 5 * TOP)));
}

function misconfigurationSection({ judgement }: ScanReport): string {
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

function suppressionSections({ judgement, notes: wanting }: ScanReport): string {
  const columns = ['Finding', 'About', 'Reason', 'Until'];
  const row = ({ finding, by }: SuppressedFinding) => [
    escape(finding.id),
    code(subjectOf(finding)),
    escape(by.origin === undefined ? by.reason : `${by.reason} (${by.origin})`),
    by.expires ?? '–',
  ];
  const notes = wanting
    .slice(0, 2 * TOP)
    .map((each) => `- ${escape(each)}`)
    .join('\n');
  const soon = judgement.expiring.map((each) => `${code(each.id)} (until ${each.expires ?? ''})`).join(', ');
  const unused = judgement.unused.map((each) => `${code(each.id)} (${escape(each.reason)})`).join(', ');
  return sections(
    judgement.expired.length === 0 ? '' : '### Suppressions that have expired and are not applied',
    table(columns, judgement.expired.map(row)),
    judgement.suppressed.length === 0 ? '' : '### Suppressed by the policy',
    table(columns, judgement.suppressed.map(row)),
    soon === '' ? '' : `⏳ Suppressions that end within ${SOON_DAYS} days: ${soon}`,
    notes === '' ? '' : `Suppressions written for other tools:\n\n${notes}`,
    unused === '' ? '' : `Suppressions that match nothing any more: ${unused}`,
  );
}

function where(finding: Finding): string {
  const shown = finding.places.slice(0, 3).map((place) => escape(placeText(place)));
  return [...shown, ...(finding.places.length > 3 ? [`and ${finding.places.length - 3} more`] : [])].join('<br>');
}
