import type { GitHubApi } from '../../github/api.ts';
import { closeIssue, putIssue } from '../../github/issue.ts';
import { scanSummary } from '../../report/scan-summary.ts';
import { isFailure } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { ScanReport } from './report.ts';

const ACCESS = 'Write "permissions: issues: write" in the job, and switch issues on in the repository.';

/**
 * One issue for each image: opened when the gate would close, kept up to date, closed when all is well. A scan without a
 * verdict only tells so in an issue that is open already. That it cannot be written is a warning.
 */
export async function reportInIssue(
  report: ScanReport,
  { repository, api, log }: { readonly repository: string; readonly api: GitHubApi; readonly log: Log },
): Promise<void> {
  const { image, outcome } = report;
  const title = `The scan of ${image} fails`;
  const issue = { repository, marker: `scan ${image}`, title, markdown: scanSummary(report) };
  try {
    const answer = await (outcome === 'pass' ? closeIssue(issue, api) : putIssue(issue, api, outcome === 'fail'));
    if (answer.status === 'declined') log.warning(`The issue could not be written: ${answer.why}. ${ACCESS}`);
    else if (answer.status !== 'none') log.info(`Issue ${answer.status}: ${answer.url}`);
  } catch (error) {
    if (!isFailure(error)) throw error;
    log.warning(`The issue could not be written: ${error.message}. ${error.hint}`);
  }
}
