import type * as sarif from 'sarif';
import type { Finding, Severity } from '../policy/findings.ts';
import { escape, link, sections } from './markdown.ts';

const LONGEST_TEXT = 1_000;

/** `unknown` is shown, but not as a failure of its own. */
export const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  unknown: 'note',
};

/** Middle of GitHub's bands; nothing for `unknown`, because a wrong value makes GitHub refuse the file. */
const SCORES: Readonly<Partial<Record<Severity, string>>> = { critical: '9.5', high: '8.0', medium: '5.5', low: '2.0' };

/** One rule per advisory, check or kind of secret, in the order of the findings. */
export function rulesOf(findings: readonly Finding[]): sarif.ReportingDescriptor[] {
  const rules = new Map<string, sarif.ReportingDescriptor>();
  // Findings come worst first, so an advisory in several packages gets its worst severity.
  for (const finding of findings) if (!rules.has(finding.id)) rules.set(finding.id, rule(finding));
  return [...rules.values()];
}

function rule(finding: Finding): sarif.ReportingDescriptor {
  const score = SCORES[finding.severity];
  const title = cut(finding.title);
  return {
    id: finding.id,
    name: RULE_NAMES[finding.kind],
    shortDescription: { text: cut(`${finding.id}: ${title}`) },
    fullDescription: { text: title },
    help: { text: cut(helpOf(finding).join('\n\n')), markdown: helpMarkdown(finding) },
    ...(finding.link?.startsWith('http') ? { helpUri: finding.link } : {}),
    defaultConfiguration: { level: LEVELS[finding.severity] },
    properties: {
      tags: ['security', finding.kind, finding.severity],
      precision: 'very-high',
      ...(score === undefined ? {} : { 'security-severity': score }),
    },
  };
}

/** Bytes of its rule as JSON. */
export function ruleBytes(finding: Finding): number {
  return Buffer.byteLength(JSON.stringify(rule(finding)));
}

const RULE_NAMES: Readonly<Record<Finding['kind'], string>> = {
  vulnerability: 'VulnerablePackage',
  secret: 'LeakedSecret',
  misconfiguration: 'Misconfiguration',
  licence: 'RefusedLicence',
};

function helpOf(finding: Finding): readonly string[] {
  const advice: Readonly<Record<Finding['kind'], string>> = {
    vulnerability: 'Upgrade the package to a version with the fix, or the base image that brings it.',
    secret: 'Revoke the secret, remove it from the source and from every image layer, and build again.',
    licence: 'Use another package, or add the licence to scan.licences in the policy.',
    misconfiguration: finding.kind === 'misconfiguration' ? (finding.resolution ?? '') : '',
  };
  return [finding.title, advice[finding.kind], finding.link ?? ''].filter((part) => part !== '');
}

/** A title comes from a database, and a licence from the package itself. */
function helpMarkdown(finding: Finding): string {
  return sections(...helpOf(finding).map((part) => (part === finding.link ? link(part, part) : escape(cut(part)))));
}

/** GitHub refuses rule texts of more than 1,024 characters. */
export function cut(text: string): string {
  const clean = text.toWellFormed(); // names of files may hold half a surrogate pair, JSON may not
  if (clean.length <= LONGEST_TEXT) return clean;
  const half = /[\uD800-\uDBFF]$/; // of a pair that the cut goes through
  return `${clean.slice(0, LONGEST_TEXT - 1).replace(half, '')}…`;
}
