import { createHash, randomUUID } from 'node:crypto';
import type { JsonAnswer } from '../world/local-server.ts';

/** What a job's token may do with the entries of one ref. */
export interface CacheScope {
  /** Full, such as `refs/heads/main`. */
  readonly ref: string;
  readonly write: boolean;
}

export interface CacheEntry {
  readonly key: string;
  readonly version: string;
  readonly ref: string;
  /** Order of creation. */
  readonly id: number;
  bytes: Buffer;
  /** Nobody sees an entry before it is finalized. */
  done: boolean;
}

interface CacheAsk {
  readonly key: string;
  readonly version: string;
  readonly restore_keys?: readonly string[];
  readonly size_bytes?: string;
}

const METHOD = /^\/twirp\/github\.actions\.results\.api\.v1\.CacheService\/(\w+)$/;
const BLOB = /^\/cache-blobs\/(\d+)$/;

/**
 * The cache service of GitHub Actions, version 2, with the storage behind its signed addresses. A job reads the
 * entries of its own ref and then those of the base and default branch, and writes only to its own; entries are
 * immutable; keys are looked up whole and then as prefixes, newest first.
 */
export class ActionsCache {
  /** `ACTIONS_RUNTIME_TOKEN`. */
  readonly token = randomUUID();
  readonly entries: CacheEntry[] = [];
  scopes: readonly CacheScope[] = [{ ref: 'refs/heads/main', write: true }];
  readonly #url: string;
  readonly #blocks = new Map<string, Buffer>();
  readonly #secret = randomUUID();

  constructor(url: string) {
    this.#url = url;
  }

  /** What the runner sets for a JavaScript action. */
  variables(): Record<string, string> {
    return {
      ACTIONS_RESULTS_URL: `${this.#url}/`,
      ACTIONS_RUNTIME_TOKEN: this.token,
      ACTIONS_CACHE_SERVICE_V2: 'true',
    };
  }

  /** `undefined` for what is none of its business. */
  handle(
    method: string,
    target: URL,
    { authorization, body }: { authorization: string | undefined; body: Buffer },
  ): JsonAnswer | undefined {
    const blob = BLOB.exec(target.pathname)?.[1];
    if (blob !== undefined) return this.#storage(method, { id: Number(blob), query: target.searchParams }, body);
    const call = METHOD.exec(target.pathname)?.[1];
    if (call === undefined) return undefined;
    if (authorization !== `Bearer ${this.token}`) return refused(401, 'unauthenticated', 'invalid token');
    const ask = JSON.parse(body.toString()) as CacheAsk;
    if (call === 'CreateCacheEntry') return this.#create(ask);
    if (call === 'FinalizeCacheEntryUpload') return this.#finalize(ask);
    if (call === 'GetCacheEntryDownloadURL') return this.#find(ask);
    return refused(404, 'bad_route', `no handler for ${call}`);
  }

  #create({ key, version }: CacheAsk): JsonAnswer {
    const ref = this.scopes.find((scope) => scope.write)?.ref;
    if (ref === undefined)
      return {
        status: 200,
        body: { ok: false, signed_upload_url: '', message: 'cache write denied: token has no writable scopes' },
      };
    if (this.entries.some((one) => one.key === key && one.version === version && one.ref === ref))
      return refused(409, 'already_exists', 'cache entry with the same key, version, and scope already exists');
    const id = this.entries.length + 1;
    this.entries.push({ key, version, ref, id, bytes: Buffer.alloc(0), done: false });
    return { status: 200, body: { ok: true, signed_upload_url: this.#signed(id, 'w'), message: '' } };
  }

  #finalize({ key, version, size_bytes }: CacheAsk): JsonAnswer {
    const entry = this.entries.findLast((one) => one.key === key && one.version === version && !one.done);
    if (entry === undefined) return refused(404, 'not_found', 'cache entry not found');
    if (Number(size_bytes) !== entry.bytes.length) return refused(400, 'invalid_argument', 'size does not match');
    entry.done = true;
    return { status: 200, body: { ok: true, entry_id: String(entry.id), message: '' } };
  }

  #find({ key, version, restore_keys = [] }: CacheAsk): JsonAnswer {
    const entry = this.scopes
      .map(({ ref }) => this.#match(ref, version, [key, ...restore_keys]))
      .find((one) => one !== undefined);
    if (entry === undefined) return { status: 200, body: { ok: false, signed_download_url: '', matched_key: '' } };
    return {
      status: 200,
      body: { ok: true, signed_download_url: this.#signed(entry.id, 'r'), matched_key: entry.key },
    };
  }

  #match(ref: string, version: string, keys: readonly string[]): CacheEntry | undefined {
    const there = this.entries.filter((one) => one.ref === ref && one.version === version && one.done).toReversed();
    const whole = there.find((one) => one.key === keys[0]);
    return whole ?? keys.map((key) => there.find((one) => one.key.startsWith(key))).find((one) => one !== undefined);
  }

  #signed(id: number, right: 'r' | 'w'): string {
    return `${this.#url}/cache-blobs/${id}?sp=${right}&sig=${encodeURIComponent(this.#signature(id, right))}`;
  }

  #signature(id: number, right: string): string {
    return createHash('sha256').update(`${this.#secret} ${id} ${right}`).digest('base64');
  }

  /** Azure Blob Storage, as far as a signed address lets one: `Put Blob`, `Put Block`, `Put Block List`, `Get Blob`. */
  #storage(method: string, { id, query }: { id: number; query: URLSearchParams }, body: Buffer): JsonAnswer {
    const entry = this.entries.find((one) => one.id === id);
    const right = method === 'GET' ? 'r' : 'w';
    if (entry === undefined || query.get('sp') !== right || query.get('sig') !== this.#signature(id, right))
      return { status: 403, body: '<?xml version="1.0"?><Error><Code>AuthenticationFailed</Code></Error>' };
    if (method === 'GET')
      return { status: 200, body: entry.bytes, headers: { 'content-length': String(entry.bytes.length) } };
    const part = query.get('comp');
    if (part === 'block') this.#blocks.set(`${id}/${query.get('blockid')}`, body);
    else entry.bytes = part === 'blocklist' ? this.#joined(id, body.toString()) : body;
    return { status: 201, body: '' };
  }

  #joined(id: number, list: string): Buffer {
    const ids = [...list.matchAll(/<Latest>([^<]+)<\/Latest>/g)].map(([, block]) => block);
    return Buffer.concat(ids.map((block) => this.#blocks.get(`${id}/${block}`) ?? Buffer.alloc(0)));
  }
}

function refused(status: number, code: string, msg: string): JsonAnswer {
  return { status, body: { code, msg } };
}
