import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type JsonAnswer, readBody } from '../local-server.ts';

/** What Quay knows of a tag beside where it points. */
interface TagRecord {
  digest: string;
  /** Seconds since 1970. */
  start: number;
  end?: number;
  immutable: boolean;
}

/** What a test may set of a tag. */
export interface TagChange {
  readonly setAt?: Date;
  readonly expiresAt?: Date;
  readonly immutable?: boolean;
}

const ROUTE = /^\/api\/v1\/repository\/(.+)\/tag\/(?:([^/]+)(\/restore)?)?$/;
const VISIBILITY = /^\/api\/v1\/repository\/(.+)\/changevisibility$/;
const LARGEST_PAGE = 100;
const ACCEPT =
  'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json';

/**
 * Quay's own API, as far as tags go (quay `endpoints/api/tag.py`), over a registry that has no such thing: lists with pages,
 * deletes and changes tags, and brings them back from its time machine. Robot accounts are strangers here.
 */
export class QuayApiServer {
  /** Of an OAuth application with `repo:write`. */
  readonly token = `quay-oauth-${randomUUID()}`;
  /** Its scope is `repo:read` only. */
  readonly readToken = `quay-oauth-${randomUUID()}`;
  /** Tags that were deleted, by repository and name, with where they pointed. */
  readonly timeMachine = new Map<string, Set<string>>();
  /** Told who may see a repository from now on. */
  onVisibility: ((repository: string, visibility: string) => void) | undefined;
  readonly #records = new Map<string, TagRecord>();
  readonly #registry: string;

  /** @param registry address of the registry behind, which knows no credentials */
  constructor(registry: string) {
    this.#registry = registry;
  }

  /** Changes what is known of a tag that was pushed. */
  async change(repository: string, tag: string, { setAt, expiresAt, immutable }: TagChange): Promise<void> {
    const record = await this.#record(repository, tag);
    if (record === undefined) throw new Error(`${tag} was not pushed`);
    if (setAt !== undefined) record.start = setAt.getTime() / 1000;
    if (expiresAt !== undefined) record.end = expiresAt.getTime() / 1000;
    if (immutable !== undefined) record.immutable = immutable;
  }

  /** `undefined` for what is none of its business. */
  async handle(request: IncomingMessage): Promise<JsonAnswer | undefined> {
    const url = new URL(request.url ?? '/', 'https://quay.test');
    if (!url.pathname.startsWith('/api/v1/')) return undefined;
    const body = await readBody(request);
    const [, shown] = VISIBILITY.exec(url.pathname) ?? [];
    if (shown !== undefined) return this.#refusal(request) ?? this.#show(shown, body);
    const [, repository, tag, restore] = ROUTE.exec(url.pathname) ?? [];
    if (repository === undefined) return { status: 404, body: { detail: 'Not Found', error_type: 'not_found' } };
    const refused = this.#refusal(request);
    if (refused !== undefined) return refused;
    if (request.method === 'GET') return this.#list(repository, url);
    if (tag === undefined) return { status: 405, body: {} };
    if (request.method === 'DELETE') return this.#delete(repository, tag);
    if (request.method === 'PUT') return this.#change(repository, tag, body);
    return request.method === 'POST' && restore !== undefined
      ? this.#restore(repository, tag, body)
      : { status: 405, body: {} };
  }

  #refusal({ method, headers }: IncomingMessage): JsonAnswer | undefined {
    const given = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    if (given === this.token || (given === this.readToken && method === 'GET')) return undefined;
    return given === this.readToken
      ? { status: 403, body: { detail: 'Unauthorized', error_type: 'insufficient_scope', status: 403 } }
      : { status: 401, body: { detail: 'Invalid bearer token', error_type: 'invalid_token', status: 401 } };
  }

  #show(repository: string, body: Buffer): JsonAnswer {
    this.onVisibility?.(repository, (JSON.parse(body.toString()) as { visibility: string }).visibility);
    return { status: 200, body: { success: true } };
  }

  async #list(repository: string, url: URL): Promise<JsonAnswer> {
    const wanted = url.searchParams.get('specificTag');
    const names = wanted === null ? await this.#names(repository) : [wanted];
    const found: object[] = [];
    for (const name of names) {
      const record = await this.#record(repository, name);
      if (record !== undefined) found.push(asListed(name, record));
    }
    const size = Math.min(LARGEST_PAGE, Number(url.searchParams.get('limit') ?? 50));
    const page = Number(url.searchParams.get('page') ?? 1);
    const tags = found.slice((page - 1) * size, page * size);
    return { status: 200, body: { tags, page, has_additional: found.length > page * size } };
  }

  async #delete(repository: string, tag: string): Promise<JsonAnswer> {
    const record = await this.#record(repository, tag);
    if (record === undefined) return { status: 404, body: { error_type: 'not_found', status: 404 } };
    if (record.immutable) return { status: 400, body: { error_message: `Cannot delete immutable tag ${tag}` } };
    const key = `${repository}:${tag}`;
    this.timeMachine.set(key, new Set([...(this.timeMachine.get(key) ?? []), record.digest]));
    this.#records.delete(key);
    await this.#ask('DELETE', `${repository}/manifests/${tag}`);
    return { status: 204, body: '' };
  }

  async #change(repository: string, tag: string, body: Buffer): Promise<JsonAnswer> {
    const record = await this.#record(repository, tag);
    if (record === undefined) return { status: 404, body: { error_type: 'not_found', status: 404 } };
    const { expiration } = JSON.parse(body.toString()) as { expiration?: number | null };
    if (record.immutable) return { status: 400, body: { error_message: `Cannot change immutable tag ${tag}` } };
    if (typeof expiration === 'number' && expiration * 1000 <= Date.now())
      return { status: 400, body: { error_message: 'Tag expiration must be in the future' } };
    if (expiration === null) delete record.end;
    else if (expiration !== undefined) record.end = expiration;
    return { status: 201, body: 'Updated' };
  }

  async #restore(repository: string, tag: string, body: Buffer): Promise<JsonAnswer> {
    const digest = (JSON.parse(body.toString()) as { manifest_digest: string }).manifest_digest;
    if (this.timeMachine.get(`${repository}:${tag}`)?.has(digest) !== true)
      return { status: 404, body: { error_type: 'not_found', status: 404 } };
    const manifest = await this.#ask('GET', `${repository}/manifests/${digest}`);
    const type = manifest.headers.get('content-type') ?? '';
    await this.#ask('PUT', `${repository}/manifests/${tag}`, {
      type,
      bytes: Buffer.from(await manifest.arrayBuffer()),
    });
    return { status: 200, body: {} };
  }

  async #names(repository: string): Promise<readonly string[]> {
    const answer = await this.#ask('GET', `${repository}/tags/list`);
    return answer.ok ? (((await answer.json()) as { tags?: string[] | null }).tags ?? []) : [];
  }

  /** A tag that moved was set anew. */
  async #record(repository: string, tag: string): Promise<TagRecord | undefined> {
    const answer = await this.#ask('HEAD', `${repository}/manifests/${tag}`);
    const digest = answer.headers.get('docker-content-digest');
    if (!answer.ok || digest === null) return undefined;
    const key = `${repository}:${tag}`;
    const known = this.#records.get(key);
    if (known?.digest === digest) return known;
    const record = { digest, start: Math.floor(Date.now() / 1000), immutable: false };
    this.#records.set(key, record);
    return record;
  }

  #ask(method: string, path: string, put?: { readonly type: string; readonly bytes: Buffer }): Promise<Response> {
    const headers = { accept: ACCEPT, ...(put && { 'content-type': put.type }) };
    return fetch(`${this.#registry}/v2/${path}`, { method, headers, ...(put && { body: new Uint8Array(put.bytes) }) });
  }
}

function asListed(name: string, { digest, start, end, immutable }: TagRecord): object {
  const ends = end === undefined ? {} : { end_ts: end, expiration: new Date(end * 1000).toUTCString() };
  return { name, manifest_digest: digest, start_ts: start, ...ends, reversion: false, immutable, size: 1 };
}
