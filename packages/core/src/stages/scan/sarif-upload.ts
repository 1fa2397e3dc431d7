import { readFile } from 'node:fs/promises';
import type { GitHubApi } from '../../github/api.ts';
import { uploadSarif } from '../../github/code-scanning.ts';
import type { GitHubContext } from '../../github/context.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Log } from '../../runtime/log.ts';
import type { ScanResult } from '../scan.ts';
import { publishSarif } from './publish-sarif.ts';

export interface CodeScanningPorts {
  readonly api: () => GitHubApi;
  readonly github: GitHubContext;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/**
 * Shows the findings of a scan in code scanning.
 *
 * @returns one sentence for the summary
 * @throws PlimsollError as `publishSarif`
 */
export function showInCodeScanning({ report, files }: ScanResult, ports: CodeScanningPorts): Promise<string> {
  const { github, clock, signal, log } = ports;
  const { repository, sha: commit, ref } = github;
  const upload = async () =>
    uploadSarif(
      { repository, commit, ref, sarif: await readFile(files.sarif), startedAt: report.startedAt },
      { api: ports.api(), clock, signal },
    );
  return publishSarif(report, { upload, log });
}
