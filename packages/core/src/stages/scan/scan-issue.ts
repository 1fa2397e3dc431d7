import type { GitHubApi } from '../../github/api.ts';
import { closeIssue, putIssue } from '../../github/issue.ts';
import { scanSummary } from '../../report/scan-summary.ts';
import { isFailure } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { ScanReport } from './report.ts';

const ACCESS = 'Write "permissions: issues: write" in the job, and switch issues on in the repository.';

/** Where the issue is kept. */
export interface IssuePlace {
  readonly repository: string;
  readonly api: GitHubApi;
  readonly log: Log;
  /** Of this run, where the whole summary is. */
  readonly runUrl: string;
  /** Whether a digest that is published already was judged anew, of which an image has several; else it is the newest build. */
  readonly rescan: boolean;
}

/**
 * One issue for each image: opened when the gate would close, kept up to date, closed when all is well. Each published digest
 * that is judged anew has its own part of it, and a build takes the place of the one before. A scan without a verdict only
 * tells so where it is in an open issue already. That it cannot be written is a warning.
 */
export async function reportInIssue(
  report: ScanReport,
  { repository, api, log, runUrl, rescan }: IssuePlace,
): Promise<void> {
  const { image, outcome } = report;
  const title = `The scan of ${image} fails`;
  const name = rescan ? (report.digest ?? 'source') : 'the newest build';
  const part = { name, markdown: scanSummary(report), pointer: `The whole is in the summary of [the run](${runUrl}).` };
  const issue = { repository, marker: `scan ${image}`, title, part };
  try {
    const answer = await (outcome === 'pass' ? closeIssue(issue, api) : putIssue(issue, api, outcome === 'fail'));
    if (answer.status === 'declined') log.warning(`The issue could not be written: ${answer.why}. ${ACCESS}`);
    else if (answer.status !== 'none') log.info(`Issue ${answer.status}: ${answer.url}`);
  } catch (error) {
    if (!isFailure(error)) throw error;
    log.warning(`The issue could not be written: ${error.message}. ${error.hint}`);
  }
}
