import { commentOnPullRequest } from '../../github/sticky-comment.ts';
import type { Summary } from '../../github/summary.ts';
import { scanSummary } from '../../report/scan-summary.ts';
import { settled } from '../../runtime/settled.ts';
import type { ScanResult } from '../scan.ts';
import { type CodeScanningPorts, showInCodeScanning } from './sarif-upload.ts';
import { reportInIssue } from './scan-issue.ts';

/** Where the results of a scan were asked for. */
export interface ShowWishes {
  readonly uploadSarif: boolean;
  readonly openIssue: boolean;
  readonly prComment: boolean;
  /** Whether a digest that is published already was judged anew. */
  readonly rescan: boolean;
}

export type ShowPorts = CodeScanningPorts & { readonly summary: Pick<Summary, 'append'> };

/**
 * Shows what was found where people look, whatever the outcome. What one place refuses keeps nothing from the others: an issue
 * that tells of a failed scan would otherwise stay open after a good one.
 *
 * @throws PlimsollError the first failure, as `publishSarif`, `reportInIssue` and `commentOnPullRequest`
 */
export async function showScan(result: ScanResult, wishes: ShowWishes, ports: ShowPorts): Promise<void> {
  const { summary, github, log } = ports;
  const { report } = result;
  const upload = async () => summary.append(await showInCodeScanning(result, ports));
  const place = { repository: github.repository, runUrl: github.runUrl, rescan: wishes.rescan };
  const issue = () => reportInIssue(report, { ...place, api: ports.api(), log });
  const comment = () => {
    const said = { marker: `scan ${report.image}`, markdown: scanSummary(report) };
    return commentOnPullRequest(said, { github, api: ports.api(), log });
  };
  await settled([
    wishes.uploadSarif ? upload() : NOTHING,
    wishes.openIssue ? issue() : NOTHING,
    wishes.prComment ? comment() : NOTHING,
  ]);
}

const NOTHING = Promise.resolve();
