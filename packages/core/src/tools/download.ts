import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../runtime/clock.ts';
import { isFailure, PlimsollError } from '../runtime/errors.ts';
import type { Http, HttpResponse } from '../runtime/http.ts';
import { type Attempt, isTransient, RETRY, withRetry } from '../runtime/retry.ts';
import { retryAfter } from '../runtime/retry-after.ts';

export interface Download {
  readonly url: string;
  /** Hexadecimal SHA-256 that the file must have. */
  readonly sha256: string;
  /** Where the file goes once its hash is right; nothing is ever there before. */
  readonly destination: string;
  /** What a person calls it; for messages. */
  readonly label: string;
  readonly http: Http;
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Larger than any tool is, so that a wrong answer cannot fill the disk. */
const MAX_BYTES = 512 * 1024 * 1024;

/**
 * Fetches a file with a known hash. It is written without permission to execute and under another name until the
 * hash is known to be right.
 *
 * @throws PlimsollError `tool-download-failed`, `tool-hash-mismatch`, `disk-full`, `cancelled`
 */
export async function downloadVerified(download: Download): Promise<void> {
  const { clock, signal } = download;
  await withRetry((number) => attempt(download, number), {
    ...(clock === undefined ? {} : { clock }),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function attempt(download: Download, number: number): Promise<Attempt<void>> {
  try {
    return await fetchOnce(download);
  } catch (error) {
    if (download.signal?.aborted === true) throw cancelledDownload(download, error);
    if (error instanceof PlimsollError) throw error;
    const failure = failed(download, `no complete answer came (try ${number})`, error);
    if (!isTransient(error)) throw failure;
    return { failure };
  }
}

async function fetchOnce(download: Download): Promise<Attempt<void>> {
  const { http, signal } = download;
  const url = new URL(download.url);
  const response = await http.request({
    url,
    method: 'GET',
    redirect: 'follow',
    ...(signal === undefined ? {} : { signal }),
  });
  if (response.status === 200) return { value: await store(download, response) };
  const text = await response.text(64 * 1024).catch(() => '');
  const failure = failed(download, `the answer was ${response.status}`);
  if (!RETRY.statuses.has(response.status)) throw failure;
  const after = retryAfter(response.headers, text, new Date());
  return { failure, ...(after === undefined ? {} : { after }) };
}

async function store(download: Download, response: HttpResponse): Promise<void> {
  const { destination } = download;
  await mkdir(path.dirname(destination), { recursive: true });
  const temporary = `${destination}.${randomUUID()}`;
  try {
    const actual = await writeHashed(temporary, response.body);
    if (actual !== download.sha256) throw wrongHash(download, actual);
    await rename(temporary, destination);
  } catch (error) {
    await rm(temporary, { force: true });
    throw isNoSpace(error) ? diskFull(download, error) : error;
  }
}

async function writeHashed(file: string, body: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  let size = 0;
  await using handle = await open(file, 'wx', 0o600);
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes came`);
    hash.update(chunk);
    await handle.writeFile(chunk);
  }
  return hash.digest('hex');
}

/** Hexadecimal SHA-256 of a file, or `undefined` when there is none. */
export async function hashFile(file: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return hash.digest('hex');
}

function wrongHash({ label, url, sha256 }: Download, actual: string): PlimsollError {
  return new PlimsollError('tool-hash-mismatch', `${label} from ${url} has SHA-256 ${actual}, not ${sha256}`, {
    hint: 'The file was deleted and nothing was run. Do not retry blindly: compare both hashes with the published ones.',
  });
}

function failed({ label, url }: Download, what: string, cause?: unknown): PlimsollError {
  return new PlimsollError('tool-download-failed', `${label} could not be downloaded from ${url}: ${what}`, {
    hint: 'Allow the runner to reach this address, or put the tool on the runner and name it in PLIMSOLL_TOOL_<NAME>.',
    cause,
  });
}

function diskFull({ label }: Download, cause: unknown): PlimsollError {
  return new PlimsollError('disk-full', `There is no space left to store ${label}`, {
    hint: 'Free disk space before this step, or use a runner with a larger disk.',
    cause,
  });
}

function cancelledDownload({ label }: Download, cause: unknown): PlimsollError {
  if (isFailure(cause, 'cancelled')) return cause;
  return new PlimsollError('cancelled', `The download of ${label} was stopped because the run was cancelled`, {
    hint: 'Run the job again.',
    cause,
  });
}

function isNoSpace(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOSPC';
}
