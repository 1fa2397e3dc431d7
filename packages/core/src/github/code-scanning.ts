import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Clock } from '../runtime/clock.ts';
import { PlimsollError } from '../runtime/errors.ts';
import { pick, pickText } from '../runtime/pick.ts';
import { type ApiAnswer, type GitHubApi, parse } from './api.ts';
import { answerFailure } from './api-failure.ts';

/** A SARIF file, and what it is about. */
export interface SarifUpload {
  /** `owner/name`. */
  readonly repository: string;
  /** The merge commit on a pull request. */
  readonly commit: string;
  /** Full ref; `refs/pull/7/merge` on a pull request. */
  readonly ref: string;
  readonly sarif: Buffer;
  readonly startedAt: Date;
}

/** `declined` is no failure: the job has no right to upload, or the repository has no code scanning. */
export type UploadAnswer =
  | { readonly status: 'complete' | 'pending'; readonly id: string }
  | { readonly status: 'declined'; readonly why: string; readonly todo: string };

export interface UploadPorts {
  readonly api: GitHubApi;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes after compression (docs.github.com, "SARIF support for code scanning"). */
const LARGEST = 10 * 1024 * 1024;
/** Analyses. The newest come first, so what is beyond these pages was uploaded long ago, and by thousands of scans not again. */
const PAGE = 100;
const MOST_PAGES = 50;
/** As the driver of our SARIF is called. */
const TOOL = 'Plimsoll';
/** Milliseconds; a minute in all. GitHub needs a few seconds for most files. */
const WAITS = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000] as const;

/**
 * Uploads SARIF through the public API (docs.github.com/rest/code-scanning, "Upload an analysis as SARIF data") and waits
 * until GitHub has read it.
 *
 * @throws PlimsollError `sarif-rejected`, `github-unreachable`, `github-rate-limited`, `github-denied`
 */
export async function uploadSarif(upload: SarifUpload, ports: UploadPorts): Promise<UploadAnswer> {
  const path = `/repos/${upload.repository}/code-scanning/sarifs`;
  const answer = await ports.api.send({ method: 'POST', path, body: await bodyOf(upload) });
  const declined = declinedBecause(answer);
  if (declined !== undefined) return declined;
  if ([400, 413, 422].includes(answer.status)) throw rejected(reasonIn(answer.text));
  const id = pickText(parse(answer), 'id');
  if (id === undefined) throw answerFailure(answer);
  return waitFor(id, path, ports);
}

/**
 * Categories that were uploaded for a ref, as far as the token may see them (docs.github.com/rest/code-scanning, "List code scanning
 * analyses"): those whose latest analysis has results.
 */
export async function uploadedCategories(
  { repository, ref }: Pick<SarifUpload, 'repository' | 'ref'>,
  api: GitHubApi,
): Promise<readonly string[]> {
  const latest = new Map<string, unknown>();
  for (let page = 1; page <= MOST_PAGES; page++) {
    const query = new URLSearchParams({ ref, tool_name: TOOL, per_page: String(PAGE), page: String(page) });
    const answer = await api.send({ path: `/repos/${repository}/code-scanning/analyses?${query.toString()}` });
    const parsed = answer.status === 200 ? parse(answer) : undefined;
    const listed: readonly unknown[] = Array.isArray(parsed) ? parsed : [];
    for (const each of listed) {
      const category = pickText(each, 'category');
      if (category !== undefined && !latest.has(category)) latest.set(category, pick(each, 'results_count'));
    }
    if (listed.length < PAGE) break;
  }
  return [...latest].flatMap(([category, count]) => (count === 0 ? [] : [category]));
}

/** Whether GitHub takes so much in one file. */
export async function fitsUpload(sarif: Buffer): Promise<boolean> {
  return sarif.length <= LARGEST || (await promisify(gzip)(sarif)).length <= LARGEST;
}

async function bodyOf({ commit, ref, sarif, startedAt }: SarifUpload): Promise<Record<string, unknown>> {
  const packed = await promisify(gzip)(sarif);
  if (packed.length > LARGEST)
    throw rejected(`it has ${packed.length} bytes after compression, GitHub takes ${LARGEST}`);
  return {
    commit_sha: commit,
    ref,
    sarif: packed.toString('base64'),
    tool_name: TOOL,
    started_at: startedAt.toISOString(),
  };
}

async function waitFor(id: string, path: string, { api, clock, signal }: UploadPorts): Promise<UploadAnswer> {
  for (const wait of WAITS) {
    await clock.sleep(wait, signal);
    const answer = await api.send({ path: `${path}/${encodeURIComponent(id)}` });
    // Known a moment later in some regions.
    if (answer.status === 404) continue;
    const state = parse(answer);
    const status = pickText(state, 'processing_status');
    if (status === 'complete') return { status, id };
    if (status === 'failed') throw rejected(errorsIn(pick(state, 'errors')));
  }
  return { status: 'pending', id };
}

function errorsIn(errors: unknown): string {
  return Array.isArray(errors) && errors.length > 0 ? errors.slice(0, 5).map(String).join('; ') : 'it gives no reason';
}

/** What keeps an upload from being taken, by status and words of the answer. */
const DECLINED: readonly (readonly [status: number, pattern: RegExp, why: string, todo: string])[] = [
  [
    403,
    /not accessible by integration|must have|permission/i,
    'the token of this job may not write to code scanning',
    'Write "permissions: security-events: write" in the job. Runs for pull requests from forks and by Dependabot never get it.',
  ],
  [
    403,
    /advanced security|code security|code scanning is not enabled/i,
    'code scanning is not enabled for this repository',
    'Enable it in the settings of the repository, or write "upload-sarif: false".',
  ],
  [403, /./s, 'GitHub does not take it from this job', 'Write "permissions: security-events: write" in the job.'],
  [
    404,
    /./s,
    'there is no code scanning here, or the token may not see it',
    'Write "permissions: security-events: write" in the job, or "upload-sarif: false" where GitHub has no code scanning.',
  ],
];

function declinedBecause({ status, text }: ApiAnswer): UploadAnswer | undefined {
  const row = DECLINED.find(([code, pattern]) => code === status && pattern.test(text || ' '));
  return row === undefined ? undefined : { status: 'declined', why: row[2], todo: row[3] };
}

function reasonIn(text: string): string {
  try {
    return pickText(JSON.parse(text), 'message') ?? 'it gives no reason';
  } catch {
    return 'it gives no reason';
  }
}

function rejected(why: string): PlimsollError {
  return new PlimsollError('sarif-rejected', `GitHub refused the SARIF file: ${why.slice(0, 500)}`, {
    hint: 'The file is kept (output "sarif"). Write "upload-sarif: false" until the reason is gone; when it is the form of the file, report it.',
  });
}
