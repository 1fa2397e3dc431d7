import type { UploadAnswer } from '../../github/code-scanning.ts';
import { isFailure } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { ScanReport } from './report.ts';

export interface SarifPorts {
  readonly upload: () => Promise<UploadAnswer>;
  readonly log: Log;
}

/**
 * Shows the findings in code scanning. Only a whole scan is uploaded: an empty or partial one would close open alerts.
 * That the job has no right to do it changes no verdict; nor does a refusal hide one.
 *
 * @returns one sentence for the summary
 * @throws PlimsollError `sarif-rejected`, `github-*` when the scan itself passed
 */
export async function publishSarif({ outcome }: ScanReport, { upload, log }: SarifPorts): Promise<string> {
  if (outcome === 'error' || outcome === 'incomplete') {
    return note(log, 'Nothing was uploaded to code scanning: a scan without a verdict would close open alerts.');
  }
  try {
    const answer = await upload();
    switch (answer.status) {
      case 'complete':
        return 'The findings are in code scanning.';
      case 'pending':
        return note(log, 'The findings were uploaded to code scanning, which is still reading them.');
      case 'declined':
        return note(log, `The findings were not uploaded to code scanning: ${answer.why}. ${answer.todo}`);
    }
  } catch (error) {
    if (outcome === 'pass' || !isFailure(error)) throw error;
    log.warning(`${error.message}. ${error.hint}`);
    return `The findings were not uploaded to code scanning: ${error.message}.`;
  }
}

function note(log: Log, text: string): string {
  log.notice(text);
  return text;
}
