import * as v from 'valibot';
import type { Clock } from '../../runtime/clock.ts';
import { isFailure, PlimsollError } from '../../runtime/errors.ts';
import type { Http, HttpRequest, HttpResponse } from '../../runtime/http.ts';
import { pickText } from '../../runtime/pick.ts';
import { withRetry } from '../../runtime/retry.ts';
import type { Digest } from '../digest.ts';
import { DigestSchema } from '../manifest.ts';
import type { RepositoryName } from '../reference.ts';
import { tryExchange } from './exchange.ts';
import { protocolFailure } from './failure.ts';
import { knownOrigin } from './origin.ts';

/** A tag as Quay lists it. */
export interface QuayTag {
  readonly name: string;
  readonly digest: Digest;
  /** Milliseconds since 1970 when the tag was set to this digest. */
  readonly setAt: number;
  /** Milliseconds since 1970 when Quay itself takes the tag away. */
  readonly expiresAt?: number;
  readonly immutable: boolean;
}

export type QuayDeletion = { readonly is: 'deleted' | 'gone' } | { readonly is: 'refused'; readonly reason: string };

export interface QuayApiOptions {
  readonly repository: RepositoryName;
  /** Of an OAuth application; a robot account has no access to this API. */
  readonly token: string;
  readonly http: Http;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

const PAGE = 100;
const MOST_PAGES = 10_000;

const Page = v.looseObject({
  tags: v.array(
    v.looseObject({
      name: v.string(),
      manifest_digest: DigestSchema,
      start_ts: v.number(),
      end_ts: v.nullish(v.number()),
      immutable: v.nullish(v.boolean()),
    }),
  ),
  has_additional: v.boolean(),
});

type Answer = { readonly status: number; readonly text: string };

/** Tags of one repository through Quay's own API (docs.quay.io/api, `/api/v1/repository/{repository}/tag/`). */
export class QuayApi {
  readonly #options: QuayApiOptions;

  constructor(options: QuayApiOptions) {
    this.#options = options;
  }

  /** Every tag that is alive. @throws PlimsollError `registry-*` */
  async tags(): Promise<readonly QuayTag[]> {
    const found = new Map<string, QuayTag>();
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const { tags, more } = await this.#page({ limit: String(PAGE), page: String(page) });
      for (const tag of tags) found.set(tag.name, tag);
      if (!more) break;
    }
    return [...found.values()];
  }

  /** `undefined` when no such tag is alive. */
  async tag(name: string): Promise<QuayTag | undefined> {
    const { tags } = await this.#page({ specificTag: name });
    return tags.find((tag) => tag.name === name);
  }

  /** Quay keeps what a tag pointed to for a while (the "time machine", two weeks unless it is set otherwise). */
  async deleteTag(name: string): Promise<QuayDeletion> {
    const { status, text } = await this.#send('DELETE', this.#tagPath(name), { expect: [200, 204, 400, 404] });
    if (status === 404) return { is: 'gone' };
    return status === 400 ? { is: 'refused', reason: words(text) } : { is: 'deleted' };
  }

  /** Sets a tag to a digest that it had before. False when the time machine has forgotten it. */
  async restoreTag(name: string, digest: Digest): Promise<boolean> {
    const body = { manifest_digest: digest };
    const { status } = await this.#send('POST', `${this.#tagPath(name)}/restore`, {
      body,
      expect: [200, 201, 400, 404],
    });
    return status < 300;
  }

  /** Who may pull: everybody, or whoever was given the right. @throws PlimsollError `registry-*` */
  async setVisibility(visibility: 'public' | 'private'): Promise<void> {
    const path = `/api/v1/repository/${this.#options.repository.repository}/changevisibility`;
    await this.#send('POST', path, { body: { visibility }, expect: [200, 201] });
  }

  /** Has Quay take a tag away by itself later, or no more. @param at milliseconds since 1970 */
  async expireTag(name: string, at: number | undefined): Promise<QuayDeletion> {
    const body = { expiration: at === undefined ? null : Math.ceil(at / 1000) };
    const expect = [200, 201, 400, 404];
    const { status, text } = await this.#send('PUT', this.#tagPath(name), { body, expect });
    if (status === 404) return { is: 'gone' };
    return status === 400 ? { is: 'refused', reason: words(text) } : { is: 'deleted' };
  }

  async #page(query: Record<string, string>): Promise<{ readonly tags: readonly QuayTag[]; readonly more: boolean }> {
    const asked = new URLSearchParams({ ...query, onlyActiveTags: 'true' });
    const path = `/api/v1/repository/${this.#options.repository.repository}/tag/`;
    const { text } = await this.#send('GET', `${path}?${asked.toString()}`, { expect: [200] });
    const parsed = v.safeParse(Page, JSON.parse(text));
    if (parsed.success) return { tags: parsed.output.tags.map(tagOf), more: parsed.output.has_additional };
    const url = new URL(path, `https://${this.#options.repository.registry}`);
    throw protocolFailure({ method: 'GET', url }, `${v.getDotPath(parsed.issues[0]) ?? 'it'} is not as documented`);
  }

  #tagPath(name: string): string {
    return `/api/v1/repository/${this.#options.repository.repository}/tag/${name}`;
  }

  async #send(
    method: 'GET' | 'DELETE' | 'POST' | 'PUT',
    path: string,
    { body, expect }: { readonly body?: object; readonly expect: readonly number[] },
  ): Promise<Answer> {
    const { http, token, clock, signal, repository } = this.#options;
    const url = new URL(path, await knownOrigin(repository.registry));
    const headers = {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      'user-agent': 'plimsoll',
      ...(body && { 'content-type': 'application/json' }),
    };
    const request: HttpRequest = {
      method,
      url,
      headers,
      redirect: 'manual',
      ...(body && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    };
    const send = async () => ({ response: await http.request(request), authenticated: true });
    const ports = { clock, ...(signal && { signal }) };
    try {
      return await withRetry(() => tryExchange({ method, url, send, expect, read }, ports), ports);
    } catch (error) {
      throw explained(error, repository);
    }
  }
}

async function read(response: HttpResponse): Promise<Answer> {
  return { status: response.status, text: await response.text() };
}

function tagOf({
  name,
  manifest_digest,
  start_ts,
  end_ts,
  immutable,
}: v.InferOutput<typeof Page>['tags'][number]): QuayTag {
  return {
    name,
    digest: manifest_digest,
    setAt: start_ts * 1000,
    ...(typeof end_ts === 'number' && { expiresAt: end_ts * 1000 }),
    immutable: immutable === true,
  };
}

function words(text: string): string {
  try {
    const json: unknown = JSON.parse(text);
    return (pickText(json, 'message') ?? pickText(json, 'error_message') ?? pickText(json, 'detail') ?? text).slice(
      0,
      300,
    );
  } catch {
    return text.slice(0, 300);
  }
}

/** The registry's table speaks of registry credentials; this API takes another kind. */
function explained(error: unknown, { registry, repository }: RepositoryName): unknown {
  if (!isFailure(error, 'registry-unauthorized', 'registry-denied')) return error;
  return new PlimsollError(error.code, `Quay's API does not take this token for ${registry}/${repository}`, {
    hint: `Write "quay-token: \${{ secrets.QUAY_TOKEN }}" with a token of an OAuth application of the organisation and the scope repo:write; robot accounts and their passwords work for pulling and pushing only.`,
    cause: error,
  });
}
