import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../runtime/clock.ts';
import { mapConcurrently } from '../runtime/concurrent.ts';
import type { Http, HttpRequest, HttpResponse } from '../runtime/http.ts';
import { type Attempt, isTransient, type RetryTable, withRetry } from '../runtime/retry.ts';

export interface BlobPorts {
  readonly http: Http;
  readonly clock: Clock;
  readonly table: RetryTable;
  readonly signal?: AbortSignal;
}

/** Bytes. More is sent in blocks, so that a broken connection costs one of them. */
const BLOCK = 64 * 1024 * 1024;
const PARALLEL_BLOCKS = 4;

/** Reads what a signed address has, whole or not at all. @throws Error after as many tries as the table allows */
export async function downloadBlob(url: URL, file: string, ports: BlobPorts): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}`;
  try {
    await tried({ url, method: 'GET' }, ports, (response) => pipeline(response.body, createWriteStream(partial)));
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}

/** Writes a blob of Azure Storage: `Put Blob`, or `Put Block` and `Put Block List`. @throws Error as above */
export async function uploadBlob(
  url: URL,
  { file, size }: { readonly file: string; readonly size: number },
  ports: BlobPorts,
): Promise<void> {
  if (size <= BLOCK) {
    await put(url, { file, start: 0, end: size }, ports);
    return;
  }
  const starts = Array.from({ length: Math.ceil(size / BLOCK) }, (_, index) => index * BLOCK);
  const ids = starts.map((start) => Buffer.from(String(start).padStart(20, '0')).toString('base64'));
  await mapConcurrently(starts, PARALLEL_BLOCKS, (start, index) => {
    const at = added(url, `comp=block&blockid=${encodeURIComponent(ids[index] ?? '')}`);
    return put(at, { file, start, end: Math.min(size, start + BLOCK) }, ports);
  });
  const list = `<?xml version="1.0" encoding="utf-8"?><BlockList>${ids.map((id) => `<Latest>${id}</Latest>`).join('')}</BlockList>`;
  await tried({ url: added(url, 'comp=blocklist'), method: 'PUT', body: list }, ports, (response) =>
    response.discard(),
  );
}

interface Part {
  readonly file: string;
  readonly start: number;
  /** Of the byte after the last. */
  readonly end: number;
}

function put(url: URL, { file, start, end }: Part, ports: BlobPorts): Promise<void> {
  // `Put Block` does not look at the type.
  const headers = { 'x-ms-blob-type': 'BlockBlob', 'content-length': String(end - start) };
  // A stream of no bytes cannot be asked for.
  const body = end === start ? Buffer.alloc(0) : () => createReadStream(file, { start, end: end - 1 });
  return tried({ url, method: 'PUT', headers, body }, ports, (response) => response.discard());
}

/** As text: what is signed must stay as it is. */
function added(url: URL, query: string): URL {
  return new URL(`${url.href}${url.search === '' ? '?' : '&'}${query}`);
}

function tried(
  request: HttpRequest,
  { http, clock, table, signal }: BlobPorts,
  use: (response: HttpResponse) => Promise<void>,
): Promise<void> {
  const attempt = async (): Promise<Attempt<void>> => {
    try {
      const response = await http.request({ ...request, ...(signal === undefined ? {} : { signal }) });
      if (response.status >= 200 && response.status < 300) return { value: await use(response) };
      await response.discard();
      const failure = new Error(`the storage of the cache answered ${response.status}`);
      if (table.statuses.has(response.status)) return { failure };
      throw new PermanentFailure(failure.message);
    } catch (failure) {
      if (signal?.aborted || failure instanceof PermanentFailure || !isTransient(failure)) throw failure;
      return { failure };
    }
  };
  return withRetry(attempt, { clock, table, ...(signal === undefined ? {} : { signal }) });
}

class PermanentFailure extends Error {}
