import type { JsonAnswer } from '../world/local-server.ts';
import type { ActionsCache } from './actions-cache.ts';

const LIST = /^\/repos\/[^/]+\/[^/]+\/actions\/caches$/;
const ONE = /^\/repos\/[^/]+\/[^/]+\/actions\/caches\/(\d+)$/;

/** The REST side of the cache service: lists its entries and deletes them (docs.github.com/rest/actions/cache). */
export class CacheRest {
  /** What the token of the job may do. */
  access: 'none' | 'read' | 'write' = 'write';
  readonly #cache: ActionsCache;

  constructor(cache: ActionsCache) {
    this.#cache = cache;
  }

  /** `undefined` for what is none of its business. */
  handle(method: string, url: URL): JsonAnswer | undefined {
    const id = ONE.exec(url.pathname)?.[1];
    if (id === undefined && !LIST.test(url.pathname)) return undefined;
    if (this.access === 'none' || (method !== 'GET' && this.access === 'read'))
      return { status: 403, body: { message: 'Resource not accessible by integration' } };
    if (method === 'DELETE' && id !== undefined) return this.#delete(Number(id));
    return method === 'GET' && id === undefined ? this.#list(url) : { status: 404, body: {} };
  }

  #list(url: URL): JsonAnswer {
    const size = Math.min(100, Number(url.searchParams.get('per_page') ?? 30));
    const from = (Number(url.searchParams.get('page') ?? 1) - 1) * size;
    const { entries } = this.#cache;
    const page = entries.slice(from, from + size);
    const actions_caches = page.map(({ id, ref, key, bytes }) => ({ id, ref, key, size_in_bytes: bytes.length }));
    return { status: 200, body: { total_count: entries.length, actions_caches } };
  }

  #delete(id: number): JsonAnswer {
    const at = this.#cache.entries.findIndex((entry) => entry.id === id);
    if (at === -1) return { status: 404, body: { message: 'Not Found' } };
    this.#cache.entries.splice(at, 1);
    return { status: 204, body: '' };
  }
}
