import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as v from 'valibot';
import { type Digest, hexOf, isDigest } from '../../oci/digest.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Http, HttpResponse } from '../../runtime/http.ts';
import type { RetryTable } from '../../runtime/retry.ts';
import type { Database } from './database.ts';
import type { DatabaseCache } from './database-cache.ts';
import { askSource, refuseOther } from './database-http.ts';
import { requireRecord } from './osv-record.ts';

export const OSV_DATABASE_SOURCES: readonly string[] = ['https://osv-vulnerabilities.storage.googleapis.com'];

/** One ecosystem's advisories as a zip of OSV records. */
export interface OsvDatabase extends Database {
  readonly ecosystem: string;
  readonly file: string;
}

export interface OsvDatabaseOptions {
  /** Where archives are kept between runs, by digest. */
  readonly cacheDir: string;
  readonly http: Http;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
  /** What is tried again; `RETRY` unless given. */
  readonly retry?: RetryTable;
  /** Asked before an archive is downloaded. */
  readonly cache?: DatabaseCache | undefined;
}

const rememberedSchema = v.object({
  etag: v.string(),
  digest: v.custom<Digest>((value) => typeof value === 'string' && isDigest(value)),
  lastModified: v.optional(v.string()),
});
type Remembered = v.InferOutput<typeof rememberedSchema>;

/**
 * Fetches `<base>/<ecosystem>/all.zip`, or keeps the cached archive when the server says that it
 * has not changed.
 *
 * @throws PlimsollError `registry-unavailable`, `registry-protocol`; what the transport throws
 */
export async function fetchOsvDatabase(
  base: string,
  ecosystem: string,
  options: OsvDatabaseOptions,
): Promise<OsvDatabase> {
  const url = new URL(`${base.replace(/\/+$/, '')}/${encodeURIComponent(ecosystem)}/all.zip`);
  const dir = path.join(options.cacheDir, 'osv');
  await mkdir(dir, { recursive: true });
  const note = path.join(dir, `${createHash('sha256').update(url.href).digest('hex')}.json`);
  const before = (await recall(note, dir)) ?? (await restored(url, dir, options));
  const headers: Record<string, string> = before === undefined ? {} : { 'if-none-match': before.etag };
  const response = await askSource(url, { ...options, headers });
  if (response.status === 304 && before !== undefined) {
    await response.discard();
    return describe({ url, ecosystem, dir }, before);
  }
  await refuseOther(response, url);
  const now = await store(response, dir);
  await writeFile(note, JSON.stringify(now));
  if (now.etag !== '') options.cache?.save(cacheKey(url, now.etag), fileOf(dir, now.digest));
  return describe({ url, ecosystem, dir }, now);
}

function cacheKey(url: URL, etag: string): string {
  return `plimsoll-osv-${createHash('sha256').update(`${url.href} ${etag}`).digest('hex')}`;
}

function fileOf(dir: string, digest: Digest): string {
  return path.join(dir, `${hexOf(digest)}.zip`);
}

/** From the cache of the repository, when the server says what the archive has to be (md5, as Google's storage does). */
async function restored(url: URL, dir: string, options: OsvDatabaseOptions): Promise<Remembered | undefined> {
  const { cache } = options;
  if (cache === undefined) return undefined;
  const response = await askSource(url, { ...options, method: 'HEAD' }).catch(() => undefined);
  await response?.discard();
  const { etag = '', 'last-modified': lastModified } = response?.status === 200 ? response.headers : {};
  const md5 = /^"([0-9a-f]{32})"$/.exec(etag)?.[1];
  if (md5 === undefined) return undefined;
  const partial = path.join(dir, `${randomUUID()}.partial`);
  if (!(await cache.restore(cacheKey(url, etag), partial, { algorithm: 'md5', hex: md5 }))) return undefined;
  const hash = createHash('sha256');
  await pipeline(createReadStream(partial), hash);
  const digest: Digest = `sha256:${hash.digest('hex')}`;
  await rename(partial, fileOf(dir, digest));
  return { etag, digest, ...(lastModified === undefined ? {} : { lastModified }) };
}

/** Lays archives out as osv-scanner 2.6.0 reads them: `<dir>/osv-scalibr/<ecosystem>/all.zip`. */
export async function arrangeOsvDatabases(databases: readonly OsvDatabase[], dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const database of databases) {
    const place = path.join(dir, 'osv-scalibr', database.ecosystem);
    await mkdir(place, { recursive: true });
    await symlink(database.file, path.join(place, 'all.zip'));
  }
}

interface Archive {
  readonly url: URL;
  readonly ecosystem: string;
  readonly dir: string;
}

function describe({ url, ecosystem, dir }: Archive, { digest, lastModified }: Remembered): OsvDatabase {
  const time = Date.parse(lastModified ?? '');
  return {
    name: `osv/${ecosystem}`,
    source: url.href,
    digest,
    ...(Number.isNaN(time) ? {} : { updatedAt: new Date(time) }),
    ecosystem,
    file: fileOf(dir, digest),
  };
}

async function store(response: HttpResponse, dir: string): Promise<Remembered> {
  const partial = path.join(dir, `${randomUUID()}.partial`);
  try {
    const hash = createHash('sha256');
    await pipeline(
      response.body,
      async function* (chunks: AsyncIterable<Uint8Array>) {
        let first = true;
        for await (const chunk of chunks) {
          if (first) refuseOtherFormat(chunk, response.url);
          first = false;
          hash.update(chunk);
          yield chunk;
        }
        if (first) refuseOtherFormat(new Uint8Array(), response.url);
      },
      createWriteStream(partial),
    );
    const digest: Digest = `sha256:${hash.digest('hex')}`;
    await requireRecord(partial, response.url);
    await rename(partial, fileOf(dir, digest));
    const lastModified = response.headers['last-modified'];
    return { etag: response.headers['etag'] ?? '', digest, ...(lastModified === undefined ? {} : { lastModified }) };
  } finally {
    await rm(partial, { force: true });
  }
}

/** A captive portal's page with status 200 is not a database. */
function refuseOtherFormat(chunk: Uint8Array, url: URL): void {
  if (chunk[0] === 0x50 && chunk[1] === 0x4b) return;
  throw new PlimsollError('registry-protocol', `${url.href} answered with something that is not a zip archive`, {
    hint: 'Check the osv-db input, and whether a proxy answers in its place.',
  });
}

/** What the cache holds of this URL, if its bytes are still what their name says. */
async function recall(note: string, dir: string): Promise<Remembered | undefined> {
  try {
    const remembered = v.parse(rememberedSchema, JSON.parse(await readFile(note, 'utf8')));
    if (remembered.etag === '') return undefined;
    const hash = createHash('sha256');
    await pipeline(createReadStream(fileOf(dir, remembered.digest)), hash);
    return `sha256:${hash.digest('hex')}` === remembered.digest ? remembered : undefined;
  } catch {
    return undefined;
  }
}
