import { type Access, joinScopes, type Scopes, scopeOf } from '../auth/scope.ts';
import type { ByteStream, ContentTarget, ManifestBlob, ManifestReceipt } from '../content.ts';
import type { Descriptor } from '../descriptor.ts';
import { type Digest, isDigest } from '../digest.ts';
import { descriptorOf } from '../manifest.ts';
import { MANIFEST_TYPES } from '../media-types.ts';
import { discoverReferrers } from '../referrer-discovery.ts';
import { type RepositoryName, repositoryLabel } from '../reference.ts';
import { readBlob } from './blob-reader.ts';
import type { Endpoint } from './endpoint.ts';
import { errorCodes, refusal } from './failure.ts';
import { ManifestCache } from './manifest-cache.ts';
import { headDescriptor, readManifest } from './manifest-reader.ts';
import { listPages } from './pages.ts';
import { ReferrersApi } from './referrers-api.ts';
import { probeUpload, uploadBlob } from './upload.ts';

/** How a blob may get there more cheaply. */
export interface PutBlobOptions {
  /** A repository of the same registry that has the blob, to mount it from. */
  readonly from?: string;
  /** The caller has asked already, and it is not there. */
  readonly absent?: boolean;
}

/** The HTTP headers that make a registry give a manifest as it is stored. */
const ACCEPT = { accept: MANIFEST_TYPES.join(', ') };

/** Error codes by which registries say that a repository has never been pushed to. */
const NO_REPOSITORY: ReadonlySet<string> = new Set(['NAME_UNKNOWN', 'NOT_FOUND']);

/**
 * One repository of a registry (OCI distribution specification 1.1). Manifests are kept by digest, so
 * reading one twice asks once. Every method throws PlimsollError by the table in `failure.ts`.
 */
export class Repository implements ContentTarget {
  readonly name: RepositoryName;
  readonly label: string;
  readonly #endpoint: Endpoint;
  readonly #manifests = new ManifestCache();
  readonly #present = new Map<Digest, Promise<void>>();
  readonly #referrersApi: ReferrersApi;
  #scopes: Scopes;

  constructor(name: RepositoryName, endpoint: Endpoint, access: Access) {
    this.name = name;
    this.label = repositoryLabel(name);
    this.#endpoint = endpoint;
    this.#scopes = scopeOf(name.repository, access);
    this.#referrersApi = new ReferrersApi(endpoint, name.repository);
  }

  async resolve(reference: string): Promise<Descriptor | undefined> {
    const kept = isDigest(reference) ? this.#manifests.peek(reference) : undefined;
    return kept === undefined ? this.look(reference) : descriptorOf(kept);
  }

  /** Like {@link resolve}, but asks the registry also about what this client has read or written before. */
  async look(reference: string): Promise<Descriptor | undefined> {
    const request = { method: 'HEAD', to: this.#manifestPath(reference), headers: ACCEPT, expect: [200, 404] } as const;
    const found = await this.#endpoint.call({ ...request, scopes: this.#need('pull') }, async (response) => {
      await response.discard();
      return response.status === 404 ? 'absent' : headDescriptor(response, reference);
    });
    if (found === 'absent') return undefined;
    if (found !== undefined) return found;
    const whole = await this.findManifest(reference);
    return whole === undefined ? undefined : descriptorOf(whole);
  }

  async manifest(reference: string): Promise<ManifestBlob> {
    if (!isDigest(reference)) return this.#manifests.keep(await this.#getManifest(reference));
    return this.#manifests.get(reference, () => this.#getManifest(reference));
  }

  /** Like {@link manifest}, but `undefined` where there is certainly none. */
  async findManifest(reference: string): Promise<ManifestBlob | undefined> {
    const kept = isDigest(reference) ? this.#manifests.peek(reference) : undefined;
    if (kept !== undefined) return kept;
    const request = { method: 'GET', to: this.#manifestPath(reference), headers: ACCEPT, expect: [200, 404] } as const;
    return this.#endpoint.call({ ...request, scopes: this.#need('pull') }, async (response) => {
      if (response.status === 200) return this.#manifests.keep(await readManifest(response, reference));
      await response.discard();
      return undefined;
    });
  }

  blob(descriptor: Descriptor): Promise<ByteStream> {
    const { label } = this;
    const request = {
      endpoint: this.#endpoint,
      path: this.#path(`blobs/${descriptor.digest}`),
      scopes: this.#need('pull'),
    };
    return Promise.resolve(readBlob({ ...request, descriptor, label }));
  }

  referrers(subject: Digest): Promise<readonly Descriptor[]> {
    return discoverReferrers(this, subject);
  }

  /** What the registry's own referrers API lists; `undefined` where it has none. */
  listedReferrers(subject: Digest): Promise<readonly Descriptor[] | undefined> {
    return this.#referrersApi.list(subject, this.#need('pull'));
  }

  async hasBlob(descriptor: Descriptor): Promise<boolean> {
    const known = this.#present.get(descriptor.digest);
    if (known !== undefined) return known.then(() => true);
    const request = { method: 'HEAD', to: this.#path(`blobs/${descriptor.digest}`), expect: [200, 404] } as const;
    const found = await this.#endpoint.call({ ...request, scopes: this.#need('pull') }, async (response) => {
      await response.discard();
      return response.status === 200;
    });
    if (found) this.#present.set(descriptor.digest, Promise.resolve());
    return found;
  }

  /** Uploads unless it is there or can be mounted. Asked twice for one blob, it uploads once. */
  async putBlob(descriptor: Descriptor, open: () => Promise<ByteStream>, options: PutBlobOptions = {}): Promise<void> {
    const scopes = this.#need('push');
    const ask = options.absent !== true && options.from === undefined;
    if (ask && (await this.hasBlob(descriptor))) return;
    const target = { endpoint: this.#endpoint, repository: this.name.repository, scopes };
    const { from } = options;
    const upload =
      this.#present.get(descriptor.digest) ??
      uploadBlob(target, { descriptor, open, ...(from === undefined ? {} : { from }) });
    this.#present.set(descriptor.digest, upload);
    await upload.catch((error: unknown) => {
      this.#present.delete(descriptor.digest);
      throw error;
    });
  }

  async putManifest(manifest: ManifestBlob, reference: string = manifest.digest): Promise<ManifestReceipt> {
    const request = {
      method: 'PUT',
      to: this.#manifestPath(reference),
      body: manifest.bytes,
      scopes: this.#need('push'),
    } as const;
    const receipt = await this.#endpoint.call(
      { ...request, headers: { 'content-type': manifest.mediaType } },
      async (response) => {
        await response.discard();
        const subject = response.headers['oci-subject'];
        return subject !== undefined && isDigest(subject) ? { subject } : {};
      },
    );
    this.#manifests.keep(manifest);
    return receipt;
  }

  /** Every tag; none for a repository that was never pushed to. */
  async tags(): Promise<string[]> {
    const request = { scopes: this.#need('pull'), expect: [200, 404] };
    return listPages(this.#endpoint, this.#path('tags/list?n=1000'), {
      ...request,
      read: async (response) => {
        if (response.status === 200)
          return (await response.json<{ tags?: string[] | null } | null>(64 * 1024 * 1024))?.tags ?? [];
        const text = await response.text();
        if (errorCodes(text).some((code) => NO_REPOSITORY.has(code))) return 'end';
        throw refusal({
          method: 'GET',
          url: response.url,
          status: 404,
          headers: response.headers,
          text,
          authenticated: true,
        });
      },
    });
  }

  /** Deletes by digest, with every tag on it. Absence is success. */
  async deleteManifest(digest: Digest): Promise<void> {
    const request = { method: 'DELETE', to: this.#manifestPath(digest), expect: [200, 202, 204, 404] } as const;
    await this.#endpoint.call({ ...request, scopes: this.#need('delete') }, (response) => response.discard());
    this.#manifests.forget(digest);
  }

  /** Proves that this repository can be written to, without leaving anything in it. */
  canPush(): Promise<void> {
    return probeUpload({ endpoint: this.#endpoint, repository: this.name.repository, scopes: this.#need('push') });
  }

  #getManifest(reference: string): Promise<ManifestBlob> {
    const request = { method: 'GET', to: this.#manifestPath(reference), headers: ACCEPT, expect: [200] } as const;
    return this.#endpoint.call({ ...request, scopes: this.#need('pull') }, (response) =>
      readManifest(response, reference),
    );
  }

  /** What has been needed once is asked for from then on, so that one token serves the whole run. */
  #need(access: Access): Scopes {
    this.#scopes = joinScopes(this.#scopes, scopeOf(this.name.repository, access));
    return this.#scopes;
  }

  #manifestPath(reference: string): string {
    return this.#path(`manifests/${reference}`);
  }

  #path(tail: string): string {
    return `/v2/${this.name.repository}/${tail}`;
  }
}
