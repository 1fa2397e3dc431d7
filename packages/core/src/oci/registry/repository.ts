import { type Access, joinScopes, type Scopes, scopeOf } from '../auth/scope.ts';
import type { ByteStream, CopyTarget, ManifestBlob, ManifestReceipt, PutBlobOptions } from '../content.ts';
import type { Descriptor } from '../descriptor.ts';
import { type Digest, isDigest } from '../digest.ts';
import { descriptorOf } from '../manifest.ts';
import { MANIFEST_TYPES } from '../media-types.ts';
import { discoverReferrers, type KnownTags, recordedReferrers } from '../referrer-discovery.ts';
import { type RepositoryName, repositoryLabel } from '../reference.ts';
import { readBlob } from './blob-reader.ts';
import type { Endpoint } from './endpoint.ts';
import type { Read } from './exchange.ts';
import { ManifestCache } from './manifest-cache.ts';
import { headDescriptor, readIfThere, readManifest, readReceipt } from './manifest-reader.ts';
import { OpenedUploads } from './opened-uploads.ts';
import { ReferrersApi } from './referrers-api.ts';
import { listTags } from './tag-list.ts';
import { probeUpload, uploadBlob, type UploadTarget } from './upload.ts';

/** The HTTP headers that make a registry give a manifest as it is stored. */
const ACCEPT = { accept: MANIFEST_TYPES.join(', ') };

/**
 * One repository of a registry (OCI distribution specification 1.1). Manifests are kept by digest, so
 * reading one twice asks once. Every method throws PlimsollError by the table in `failure.ts`.
 */
export class Repository implements CopyTarget {
  readonly name: RepositoryName;
  readonly label: string;
  readonly #endpoint: Endpoint;
  readonly #manifests = new ManifestCache();
  readonly #present = new Map<Digest, Promise<void>>();
  readonly #opened = new OpenedUploads();
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

  /** What the registry itself says now, whatever was read or written before. */
  async look(reference: string): Promise<Descriptor | undefined> {
    const request = { method: 'HEAD', to: this.#manifestPath(reference), headers: ACCEPT, expect: [200, 404] } as const;
    const found = await this.#endpoint.call({ ...request, scopes: this.#need('pull') }, async (response) => {
      await response.discard();
      return response.status === 404 ? 'absent' : headDescriptor(response, reference);
    });
    if (found !== undefined) return found === 'absent' ? undefined : found;
    const whole = await this.#getManifest(reference, [200, 404], readIfThere(reference));
    return whole === undefined ? undefined : descriptorOf(whole);
  }

  /** That there is none is believed the second time. */
  async manifest(reference: string): Promise<ManifestBlob> {
    const found = isDigest(reference) ? await this.findManifest(reference) : undefined;
    const read: Read<ManifestBlob> = (response) => readManifest(response, reference);
    return found ?? this.#manifests.keep(await this.#getManifest(reference, [200], read));
  }

  /** Like {@link manifest}, but `undefined` where there is certainly none. */
  async findManifest(reference: string): Promise<ManifestBlob | undefined> {
    const fetch = () => this.#getManifest(reference, [200, 404], readIfThere(reference));
    if (isDigest(reference)) return this.#manifests.get(reference, fetch);
    const found = await fetch();
    return found === undefined ? undefined : this.#manifests.keep(found);
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

  referrers(subject: Digest, tags?: KnownTags): Promise<readonly Descriptor[]> {
    return discoverReferrers(this, subject, tags);
  }

  recorded(subject: Digest, wanted: readonly Digest[]): Promise<ReadonlySet<Digest>> {
    return recordedReferrers(this, subject, wanted);
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
    const { absent = false, ...rest } = options;
    const target = this.#uploadTarget();
    if (!absent && rest.from === undefined && (await this.hasBlob(descriptor))) return;
    const start = () => {
      const session = this.#opened.take(descriptor.digest);
      return uploadBlob(target, { descriptor, open, session, ...rest });
    };
    const upload = this.#present.get(descriptor.digest) ?? start();
    this.#present.set(descriptor.digest, upload);
    await upload.catch((error: unknown) => {
      this.#present.delete(descriptor.digest);
      throw error;
    });
  }

  /**
   * Opens uploads of blobs that will most likely have to be sent, so that {@link putBlob} need not wait for that. Those
   * of a manifest that was read here are left out: they are there.
   */
  openUploads(blobs: readonly Descriptor[]): void {
    const likely = blobs.filter(({ digest }) => !this.#present.has(digest) && !this.#manifests.mentions(digest));
    this.#opened.open(this.#uploadTarget(), likely);
  }

  /** Drops the uploads that were opened and not needed. */
  dropUploads(): Promise<void> {
    return this.#opened.drop(this.#uploadTarget());
  }

  async putManifest(manifest: ManifestBlob, reference: string = manifest.digest): Promise<ManifestReceipt> {
    const { mediaType, bytes } = manifest;
    const headers = { 'content-type': mediaType };
    const request = { method: 'PUT', to: this.#manifestPath(reference), headers, body: bytes } as const;
    const receipt = await this.#endpoint.call({ ...request, scopes: this.#need('push') }, (response) =>
      readReceipt(response, manifest.digest),
    );
    this.#manifests.keep(manifest);
    return receipt;
  }

  /** Every tag; none for a repository that was never pushed to. */
  tags(): Promise<string[]> {
    return listTags(this.#endpoint, this.name.repository, this.#need('pull'));
  }

  /**
   * Deletes a digest with every tag on it, or a tag alone. False when it was not there.
   * @throws PlimsollError `registry-delete-disabled` where the registry does not delete at all, and by the table in `failure.ts`
   */
  async deleteManifest(reference: string): Promise<boolean> {
    const request = { method: 'DELETE', to: this.#manifestPath(reference), expect: [200, 202, 204, 404] } as const;
    const found = await this.#endpoint.call({ ...request, scopes: this.#need('delete') }, async (response) => {
      await response.discard();
      return response.status !== 404;
    });
    if (isDigest(reference)) this.#manifests.forget(reference);
    return found;
  }

  /** Proves that this repository can be written to, without leaving anything in it. */
  canPush(): Promise<void> {
    return probeUpload(this.#uploadTarget());
  }

  #uploadTarget(): UploadTarget {
    return { endpoint: this.#endpoint, repository: this.name.repository, scopes: this.#need('push') };
  }

  #getManifest<T>(reference: string, expect: readonly number[], read: Read<T>): Promise<T> {
    const request = { method: 'GET', to: this.#manifestPath(reference), headers: ACCEPT, expect } as const;
    return this.#endpoint.call({ ...request, scopes: this.#need('pull') }, read);
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
