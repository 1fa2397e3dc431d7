import type { Digest } from '../../oci/digest.ts';
import { fixText } from '../../report/fix-text.ts';
import { type Finding, subjectOf } from '../../policy/findings.ts';
import { type ErrorCode } from '../../runtime/error-codes.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import type { ScanProblem } from './problem.ts';
import { blockingText, plural } from '../../report/wording.ts';
import type { ScanReport } from './report.ts';

const SHOWN = 3;

/**
 * Only `pass` passes; the other three outcomes are three different failures.
 *
 * @throws PlimsollError `scan-failed`, `scan-error`, `scan-incomplete`
 */
export function requirePass(report: ScanReport): void {
  switch (report.outcome) {
    case 'pass':
      return;
    case 'fail':
      throw failed(report);
    case 'error':
      throw noVerdict('scan-error', `A scanner broke, so there is no verdict on ${report.image}`, report);
    case 'incomplete':
      throw noVerdict('scan-incomplete', `The scan of ${report.image} is incomplete, so it is no pass`, report);
  }
}

/**
 * The same for one image: a pass of other bytes is none.
 *
 * @param digest of what is about to leave the job
 * @throws PlimsollError as {@link requirePass}, and `verdict-mismatch`
 */
export function requirePassOf(digest: Digest, report: ScanReport): void {
  requirePass(report);
  if (report.digest === digest) return;
  const what = report.digest ?? 'no image';
  throw new PlimsollError('verdict-mismatch', `The scan of ${report.image} is of ${what}, and ${digest} was built`, {
    hint: 'Let nothing write into the directory of the job while it runs, and run it again.',
  });
}

function failed({ image, judgement: { blocking } }: ScanReport): PlimsollError {
  const worst = blocking.slice(0, SHOWN).map(describe).join('; ');
  const more = blocking.length > SHOWN ? `; and ${blocking.length - SHOWN} more` : '';
  return new PlimsollError('scan-failed', `${image} must not ship. ${blockingText(blocking)}: ${worst}${more}`, {
    hint: 'Fix these (the job summary lists them with fix versions), or add each to scan.suppressions in the policy with id, reason and expires.',
  });
}

function noVerdict(code: ErrorCode, what: string, { problems, judgement }: ScanReport): PlimsollError {
  const decisive = code === 'scan-error' ? problems.filter((each) => each.outcome === 'error') : problems;
  const blocking = judgement.blocking.length === 0 ? '' : ` Besides, ${blockingText(judgement.blocking)}.`;
  return new PlimsollError(code, `${what}: ${decisive.map((each) => each.what).join('; ')}.${blocking}`, {
    hint: [...new Set(decisive.map((each: ScanProblem) => each.todo))].join(' '),
  });
}

function describe(finding: Finding): string {
  const subject = subjectOf(finding);
  if (finding.kind === 'licence') return `${finding.title}, which the policy does not allow`;
  if (finding.kind !== 'vulnerability') return `${finding.title} in ${subject}`;
  const fixed = fixText(finding);
  const fix = fixed === undefined ? 'no fix yet' : `fixed in ${fixed}`;
  return `${finding.id} (${finding.severity}) in ${subject} ${finding.package.versions.join(', ')}, ${fix}`;
}

/** `pass, 2 platforms, 41 packages`: the line of the log when all is well. */
export function scanOutcomeText({ outcome, coverage, judgement }: ScanReport): string {
  const packages = [...coverage.platforms, ...coverage.ecosystems].reduce((sum, each) => sum + each.packages, 0);
  const suppressed = judgement.suppressed.length === 0 ? '' : `, ${judgement.suppressed.length} suppressed`;
  return `${outcome}, ${plural(coverage.platforms.length, 'platform')}, ${plural(packages, 'package')}${suppressed}`;
}
