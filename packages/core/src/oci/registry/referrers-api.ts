import type { HttpResponse } from '../../runtime/http.ts';
import type { Scopes } from '../auth/scope.ts';
import type { Descriptor } from '../descriptor.ts';
import { type Digest, digestOf } from '../digest.ts';
import { parseManifest } from '../manifest.ts';
import { bareMediaType, OCI_INDEX } from '../media-types.ts';
import type { Endpoint } from './endpoint.ts';
import { errorCodes, refusal } from './failure.ts';
import { listPages } from './pages.ts';

/**
 * `GET /v2/<name>/referrers/<digest>` (distribution specification, "Listing Referrers"). Only a 200 with
 * the index's media type counts: ghcr.io has been seen to redirect to an HTML page of another host.
 */
export class ReferrersApi {
  readonly #endpoint: Endpoint;
  readonly #repository: string;
  /** Whether there is one, learned from the first answer, since an API that exists answers an empty list. */
  #exists: Promise<boolean> | undefined;

  constructor(endpoint: Endpoint, repository: string) {
    this.#endpoint = endpoint;
    this.#repository = repository;
  }

  /** `undefined` where the registry has no such API. */
  async list(subject: Digest, scopes: Scopes): Promise<readonly Descriptor[] | undefined> {
    if (this.#exists !== undefined) return (await this.#exists) ? this.#askTwice(subject, scopes) : undefined;
    // Those who come meanwhile wait for the first answer instead of asking in vain as well.
    const first = this.#askTwice(subject, scopes);
    this.#exists = first.then((found) => found !== undefined);
    this.#exists.catch(() => {
      this.#exists = undefined;
    });
    return first;
  }

  /** That there is no API is believed the second time: a passing error page must not hide all evidence. */
  async #askTwice(subject: Digest, scopes: Scopes): Promise<readonly Descriptor[] | undefined> {
    return (await this.#ask(subject, scopes)) ?? (await this.#ask(subject, scopes));
  }

  async #ask(subject: Digest, scopes: Scopes): Promise<readonly Descriptor[] | undefined> {
    let answered = false;
    const found = await listPages(this.#endpoint, `/v2/${this.#repository}/referrers/${subject}`, {
      scopes,
      headers: { accept: OCI_INDEX },
      expect: [200, 301, 302, 303, 307, 308, 400, 404, 405],
      anyPage: true,
      redirect: 'same-host',
      read: async (response) => {
        const page = await readPage(response);
        answered ||= page !== 'end';
        return page;
      },
    });
    return answered ? found : undefined;
  }
}

async function readPage(response: HttpResponse): Promise<readonly Descriptor[] | 'end'> {
  const { status, headers } = response;
  if (status === 400) return unknownSubject(response);
  if (status === 200 && bareMediaType(headers['content-type']) === OCI_INDEX) {
    const bytes = await response.bytes();
    const manifest = parseManifest({ mediaType: OCI_INDEX, bytes, digest: digestOf(bytes) });
    return manifest.kind === 'index' ? manifest.manifests : [];
  }
  await response.discard();
  return 'end';
}

/** Quay answers 400 MANIFEST_INVALID for a subject that it does not have, where the specification wants an empty list. */
async function unknownSubject(response: HttpResponse): Promise<readonly Descriptor[]> {
  const text = await response.text();
  if (errorCodes(text).some((code) => code === 'MANIFEST_INVALID' || code === 'MANIFEST_UNKNOWN')) return [];
  throw refusal({
    method: 'GET',
    url: response.url,
    status: 400,
    headers: response.headers,
    text,
    authenticated: true,
  });
}
