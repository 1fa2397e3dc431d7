import { readFile } from 'node:fs/promises';
import type * as sarif from 'sarif';
import type { GitHubApi } from '../../github/api.ts';
import { fitsUpload, type UploadAnswer, uploadedCategories, uploadSarif } from '../../github/code-scanning.ts';
import type { GitHubContext } from '../../github/context.ts';
import { categoryOf, emptyRun, logOf } from '../../report/sarif.ts';
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
export function showInCodeScanning(result: ScanResult, ports: CodeScanningPorts): Promise<string> {
  return publishSarif(result.report, { upload: () => uploadAll(result, ports), log: ports.log });
}

async function uploadAll({ report, files }: ScanResult, ports: CodeScanningPorts): Promise<UploadAnswer> {
  const { clock, signal } = ports;
  const { repository, sha: commit, ref } = ports.github;
  const api = ports.api();
  const texts = await Promise.all(files.sarifs.map((file) => readFile(file)));
  const gone = await partsThatAreGone({ report, texts, repository, ref }, api);
  if (gone.length > 0) texts.push(Buffer.from(JSON.stringify(logOf(gone))));
  let whole: UploadAnswer | undefined;
  for (const text of (await Promise.all(texts.map(fitting))).flat()) {
    const answer = await uploadSarif(
      { repository, commit, ref, sarif: text, startedAt: report.startedAt },
      { api, clock, signal },
    );
    if (answer.status === 'declined') return answer;
    if (whole?.status !== 'pending') whole = answer;
  }
  return whole ?? { status: 'complete', id: '' };
}

/** Run by run where the whole is too large: GitHub takes several uploads of one commit when their categories differ. */
async function fitting(text: Buffer): Promise<readonly Buffer[]> {
  if (await fitsUpload(text)) return [text];
  return runsIn(text).map((run) => Buffer.from(JSON.stringify(logOf([run]))));
}

interface Uploading {
  readonly report: ScanResult['report'];
  readonly texts: readonly Buffer[];
  readonly repository: string;
  readonly ref: string;
}

/** When there is less than last time, the parts that are not needed any more would keep their alerts for ever. */
async function partsThatAreGone({ report, texts, ...where }: Uploading, api: GitHubApi): Promise<sarif.Run[]> {
  const parts = report.coverage.scanners.map((scanner) => `${categoryOf(report, scanner)}/part-`);
  const before = await uploadedCategories(where, api);
  const now = new Set(texts.flatMap(categoriesIn));
  const gone = before.filter((category) => parts.some((part) => category.startsWith(part)) && !now.has(category));
  return gone.map(emptyRun);
}

function categoriesIn(text: Buffer): readonly string[] {
  return runsIn(text).map(({ automationDetails }) => (automationDetails?.id ?? '').replace(/\/$/, ''));
}

function runsIn(text: Buffer): readonly sarif.Run[] {
  return (JSON.parse(text.toString()) as sarif.Log).runs;
}
