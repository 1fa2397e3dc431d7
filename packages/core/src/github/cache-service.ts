import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Clock } from '../runtime/clock.ts';
import type { Http } from '../runtime/http.ts';
import type { Log } from '../runtime/log.ts';
import { pickText } from '../runtime/pick.ts';
import { type Attempt, isTransient, RETRY, type RetryTable, withRetry } from '../runtime/retry.ts';
import { downloadBlob, uploadBlob } from './cache-blob.ts';
import type { Environment } from './host.ts';

/** Where an entry is, and the file that it comes from or goes to. */
export interface CacheRequest {
  /** At most 512 characters, without commas. */
  readonly key: string;
  readonly file: string;
}

/**
 * The cache of the repository, as `actions/cache` has it (cache service API version 2). It makes a run faster and never
 * different: nothing here throws, and whoever restores a file must check what is in it, as anybody who may run a
 * workflow on the branch may have written it.
 */
export interface CacheService {
  /**
   * Writes an entry to the file: that of the key, else the newest whose key begins with the key or with one of `restoreKeys`.
   * @returns the whole key of the entry; `undefined` when there is none, or it could not be had, and then there is no file
   */
  restore(request: CacheRequest & { readonly restoreKeys?: readonly string[] }): Promise<string | undefined>;
  /** Entries are never changed: false when there is one of this key already, or it could not be stored. */
  save(request: CacheRequest): Promise<boolean>;
}

export interface CachePorts {
  readonly http: Http;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal?: AbortSignal;
}

const SERVICE = 'github.actions.results.api.v1.CacheService';
/** Entries of other actions under the same key are other entries. */
const VERSION = createHash('sha256').update('plimsoll cache 1').digest('hex');
const PATIENCE: RetryTable = { ...RETRY, attempts: 4, longestDelay: 4_000, patience: 15_000 };
const MESSAGE_LENGTH = 200;
const READABLE: ReadonlySet<string> = new Set(['read', 'write']);
const WRITABLE: ReadonlySet<string> = new Set(['write', 'write-only']);
const MODES: ReadonlySet<string> = new Set([...READABLE, ...WRITABLE, 'none']);

/** The cache of this job; one that has nothing and keeps nothing where the runner offers none. */
export function openCacheService(env: Environment, ports: CachePorts): CacheService {
  const address = env['ACTIONS_RESULTS_URL'];
  const token = env['ACTIONS_RUNTIME_TOKEN'];
  if (!address || !token || !URL.canParse(address)) return absent(ports.log);
  const mode = env['ACTIONS_CACHE_MODE'] ?? '';
  const may = (set: ReadonlySet<string>) => !MODES.has(mode) || set.has(mode);
  const client = new CacheClient(new URL(address), token, ports);
  return {
    restore: async (request) => (may(READABLE) ? client.restore(request) : undefined),
    save: async (request) => (may(WRITABLE) ? client.save(request) : false),
  };
}

function absent(log: Log): CacheService {
  let told = false;
  const tell = () => {
    if (!told) log.info('The runner offers no cache (ACTIONS_RESULTS_URL is not set), so nothing is kept between runs');
    told = true;
  };
  return {
    restore: async () => {
      tell();
      return undefined;
    },
    save: async () => {
      tell();
      return false;
    },
  };
}

/** Why an entry cannot be had; the text goes to the log and holds no address, because addresses are signed. */
class CacheRefusal extends Error {}

class CacheClient {
  readonly #address: URL;
  readonly #token: string;
  readonly #ports: CachePorts;

  constructor(address: URL, token: string, ports: CachePorts) {
    this.#address = address;
    this.#token = token;
    this.#ports = ports;
  }

  restore({
    key,
    restoreKeys = [],
    file,
  }: CacheRequest & { readonly restoreKeys?: readonly string[] }): Promise<string | undefined> {
    return this.#orElse(`The cache entry ${key} cannot be read`, undefined, async () => {
      const asked = { key, restore_keys: restoreKeys, version: VERSION };
      const answer = await this.#call('GetCacheEntryDownloadURL', asked);
      const url = pickText(answer, 'signed_download_url');
      if (pickOk(answer) !== true || !url) return undefined;
      await downloadBlob(new URL(url), file, { ...this.#ports, table: PATIENCE });
      return pickText(answer, 'matched_key');
    });
  }

  save({ key, file }: CacheRequest): Promise<boolean> {
    return this.#orElse(`The cache entry ${key} cannot be stored`, false, async () => {
      const { size } = await stat(file);
      const made = await this.#call('CreateCacheEntry', { key, version: VERSION });
      const url = pickText(made, 'signed_upload_url');
      if (pickOk(made) !== true || !url) throw new CacheRefusal(pickText(made, 'message') ?? 'no reason was given');
      await uploadBlob(new URL(url), { file, size }, { ...this.#ports, table: PATIENCE });
      const done = await this.#call('FinalizeCacheEntryUpload', { key, version: VERSION, size_bytes: String(size) });
      return pickOk(done) === true;
    });
  }

  async #orElse<T>(what: string, otherwise: T, body: () => Promise<T>): Promise<T> {
    try {
      return await body();
    } catch (error) {
      if (this.#ports.signal?.aborted) throw this.#ports.signal.reason;
      const reason = error instanceof CacheRefusal ? error.message : 'the connection failed';
      this.#ports.log.info(`${what}: ${reason.slice(0, MESSAGE_LENGTH)}`);
      return otherwise;
    }
  }

  #call(method: string, body: object): Promise<unknown> {
    const { clock, signal } = this.#ports;
    const retry = { clock, table: PATIENCE, ...(signal === undefined ? {} : { signal }) };
    return withRetry(() => this.#attempt(method, JSON.stringify(body)), retry);
  }

  async #attempt(method: string, body: string): Promise<Attempt<unknown>> {
    const { http, signal } = this.#ports;
    const url = new URL(`/twirp/${SERVICE}/${method}`, this.#address);
    const headers = {
      authorization: `Bearer ${this.#token}`,
      'content-type': 'application/json',
      'user-agent': 'plimsoll',
    };
    try {
      const request = { url, method: 'POST', headers, body, ...(signal === undefined ? {} : { signal }) } as const;
      const response = await http.request(request);
      const value = parsed(await response.text());
      if (response.status >= 200 && response.status < 300) return { value };
      const refusal = new CacheRefusal(`${response.status} ${pickText(value, 'msg') ?? ''}`.trimEnd());
      if (!PATIENCE.statuses.has(response.status)) throw refusal;
      return { failure: refusal };
    } catch (failure) {
      if (failure instanceof CacheRefusal || !isTransient(failure)) throw failure;
      return { failure };
    }
  }
}

function pickOk(answer: unknown): unknown {
  return typeof answer === 'object' && answer !== null && 'ok' in answer ? answer.ok : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
