import { type Finding, isFixable, SEVERITIES, type Severity, subjectOf } from '../policy/findings.ts';
import { SOON_DAYS, type SuppressedFinding } from '../policy/gate.ts';
import type { ScanReport } from '../stages/scan/report.ts';
import type { Outcome } from '../stages/scan/verdict.ts';
import { code, escape, sections, table } from './markdown.ts';
import { coverageSection } from './scan-coverage.ts';
import { comparisonSection } from './scan-comparison.ts';
import { licenceSection, misconfigurationSection, secretSection, vulnerabilitySection } from './scan-findings.ts';
import { policyChangeSection } from './policy-change.ts';
import { blockingText } from './wording.ts';

/** Entries of a list; a VEX feed alone may have tens of thousands that match nothing. */
const MOST = 50;

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
    comparisonSection(report),
    vulnerabilitySection(report),
    secretSection(report),
    misconfigurationSection(report),
    licenceSection(report),
    suppressionSections(report),
    policyChangeSection(report),
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
  if (kinds.has('licence'))
    advice.push('Use other packages in place of those with a refused licence, or allow it in `scan.licences`.');
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
  const ofKind = (kind: Finding['kind']) => findings.filter((finding) => finding.kind === kind);
  const bySeverity = (severity: Severity) => ofKind('vulnerability').filter((finding) => finding.severity === severity);
  const right = (heading: string) => ({ heading, align: 'right' as const });
  const licences = ofKind('licence');
  return table(
    ['', right('With a fix'), right('No fix yet'), right('Suppressed'), right('Blocking')],
    [
      ...SEVERITIES.map((severity) => row(severity, bySeverity(severity), true)),
      row('secrets', ofKind('secret'), false),
      row('misconfigurations', ofKind('misconfiguration'), false),
      ...(licences.length === 0 ? [] : [row('refused licences', licences, false)]),
    ],
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
  const notes = cut(wanting, escape)
    .map((each) => `- ${each}`)
    .join('\n');
  const soon = cut(judgement.expiring, (each) => `${code(each.id)} (until ${each.expires ?? ''})`).join(', ');
  const unused = cut(judgement.unused, (each) => `${code(each.id)} (${escape(each.reason)})`).join(', ');
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

function cut<T>(entries: readonly T[], text: (entry: T) => string): readonly string[] {
  const shown = entries.slice(0, MOST).map(text);
  return entries.length > MOST ? [...shown, `… and ${entries.length - MOST} more in the report file`] : shown;
}
