import type { Deletion, PackageInfo, VersionsPage } from '@plimsoll/core/github/packages';
import type { Quota } from '@plimsoll/core/github/quota';
import type { ManifestBlob } from '@plimsoll/core/oci/content';
import type { Descriptor } from '@plimsoll/core/oci/descriptor';
import type { Digest } from '@plimsoll/core/oci/digest';
import type { PackageVersion } from '@plimsoll/core/policy/retention-rules';
import { PlimsollError } from '@plimsoll/core/runtime/errors';
import type { ManifestStore, VersionStore } from '@plimsoll/core/stages/prune/ports';
import { type PackageState, REFUSALS, type StoredVersion } from './package-state.ts';

/** The kinds of request that the two planes of a package take. */
export type PackageRequest =
  | 'info'
  | 'page'
  | 'version'
  | 'delete'
  | 'restore'
  | 'tags'
  | 'resolve'
  | 'manifest'
  | 'put';

/** Called before each request; what it throws is what the caller sees, and what it changes happens before the answer. */
export type PackageHook = (request: PackageRequest, argument: string) => void;

/**
 * Both planes of a package without a socket, for tests of many thousand steps. What GitHub counts as a
 * request counts here; `pageSize` is 100 as there, and smaller to test paging with few versions.
 */
export class MemoryPackage implements VersionStore, ManifestStore {
  readonly counts = new Map<PackageRequest, number>();
  hook: PackageHook | undefined;
  pageSize = 100;
  /** GitHub's limit of requests an hour; none unless a test sets one. */
  limit: Quota | undefined;
  readonly #state: PackageState;

  constructor(state: PackageState) {
    this.#state = state;
  }

  count(request: PackageRequest): number {
    return this.counts.get(request) ?? 0;
  }

  quota(): Quota | undefined {
    return this.limit;
  }

  async info(): Promise<PackageInfo> {
    this.#arrive('info', '');
    return { versionCount: this.#state.count, visibility: this.#state.visibility };
  }

  async page(page: number, state: 'active' | 'deleted'): Promise<VersionsPage> {
    this.#arrive('page', `${state} ${page}`);
    const all = state === 'active' ? this.#state.list() : this.#state.deleted();
    const last = Math.max(1, Math.ceil(all.length / this.pageSize));
    return { versions: all.slice((page - 1) * this.pageSize, page * this.pageSize).map(versionOf), last };
  }

  async version({ id }: Pick<PackageVersion, 'id'>): Promise<PackageVersion | undefined> {
    this.#arrive('version', String(id));
    const found = this.#state.versions.get(id);
    return found === undefined || found.deletedAt !== undefined ? undefined : versionOf(found);
  }

  async delete({ id }: Pick<PackageVersion, 'id'>): Promise<Deletion> {
    this.#arrive('delete', String(id));
    const outcome = this.#state.delete(id);
    if (outcome === 'deleted') return { is: 'deleted' };
    return outcome === 'missing' ? { is: 'gone' } : { is: 'refused', reason: REFUSALS[outcome] };
  }

  async restore({ id }: Pick<PackageVersion, 'id'>): Promise<boolean> {
    this.#arrive('restore', String(id));
    return this.#state.restore(id);
  }

  async tags(): Promise<readonly string[]> {
    this.#arrive('tags', '');
    return [...this.#state.tags.keys()];
  }

  async resolve(reference: string): Promise<Descriptor | undefined> {
    this.#arrive('resolve', reference);
    const digest = this.#state.tags.get(reference) ?? reference;
    const manifest = this.#state.live(digest) && this.#state.manifests.get(digest);
    return manifest && { mediaType: manifest.mediaType, digest: digest as Digest, size: manifest.bytes.length };
  }

  async manifest(reference: string): Promise<ManifestBlob> {
    this.#arrive('manifest', reference);
    const digest = this.#state.tags.get(reference) ?? reference;
    const version = this.#state.live(digest);
    const manifest = this.#state.manifests.get(digest);
    if (version === undefined || manifest === undefined) {
      throw new PlimsollError('registry-not-found', `${reference} is not there`, { hint: 'Push it.' });
    }
    version.downloads += 1;
    return { mediaType: manifest.mediaType, digest: digest as Digest, bytes: manifest.bytes };
  }

  async putManifest(manifest: ManifestBlob, reference?: string): Promise<void> {
    this.#arrive('put', reference ?? manifest.digest);
    this.#state.push(manifest.bytes, manifest.mediaType, reference === undefined ? [] : [reference]);
  }

  #spend(): void {
    if (this.limit === undefined) return;
    if (this.limit.remaining === 0) throw new PlimsollError('github-rate-limited', 'used up', { hint: 'Wait.' });
    this.limit = { ...this.limit, remaining: this.limit.remaining - 1 };
  }

  #arrive(request: PackageRequest, argument: string): void {
    this.counts.set(request, this.count(request) + 1);
    if (REST.has(request)) this.#spend();
    this.hook?.(request, argument);
  }
}

const REST: ReadonlySet<PackageRequest> = new Set(['info', 'page', 'version', 'delete', 'restore']);

function versionOf({ id, digest, createdAt, tags }: StoredVersion): PackageVersion {
  return { id, digest: digest as Digest, createdAt, tags: [...tags] };
}
