import type { ManifestBlob } from '../../oci/content.ts';
import type { Digest } from '../../oci/digest.ts';
import type { PackageVersion } from '../../policy/retention-rules.ts';
import type { Clock } from '../../runtime/clock.ts';
import { mapConcurrently } from '../../runtime/concurrent.ts';
import { isFailure, PlimsollError } from '../../runtime/errors.ts';
import { type ManifestNode, readEdges } from './edges.ts';
import type { ReadRequest, ReadResults } from './liveness.ts';
import type { ManifestStore, VersionStore } from './ports.ts';

/** Remembers manifests. What a digest stands for never changes, so nothing expires. */
export interface ManifestCache {
  get(digest: Digest): ManifestBlob | undefined;
  set(digest: Digest, blob: ManifestBlob): unknown;
}

export interface ReaderOptions {
  readonly manifests: ManifestStore;
  readonly versions: VersionStore;
  readonly clock: Clock;
  readonly cache: ManifestCache;
  /** Those read before, which count too. */
  readonly reads?: number;
  readonly signal?: AbortSignal;
}

const PARALLEL_READS = 16;
/** A manifest pushed a moment ago is not always there yet. */
const SECOND_LOOK = 3_000;

/** Reads manifests for the fixpoint, each digest once, and tells "deleted meanwhile" from "cannot be read". */
export class ManifestReader {
  /** Manifests sent by the registry in this run; each counts there as a download. */
  reads: number;
  readonly #options: ReaderOptions;
  readonly #listed: ReadonlyMap<Digest, PackageVersion>;

  constructor(options: ReaderOptions, listed: ReadonlyMap<Digest, PackageVersion>) {
    this.#options = options;
    this.reads = options.reads ?? 0;
    this.#listed = listed;
  }

  readonly #share = (digest: Digest): Digest => this.#listed.get(digest)?.digest ?? digest;

  /** What was read of a version, in this run or before; to set its tags again after a restore. */
  known(digest: Digest): ManifestBlob | undefined {
    return this.#options.cache.get(digest);
  }

  /**
   * @throws PlimsollError `inventory-incomplete` when something that is listed cannot be read, for what it is about and what
   * it needs may be anything; and what the registry throws
   */
  async read({ digests }: ReadRequest): Promise<ReadResults> {
    const read = async (digest: Digest) => [digest, await this.#one(digest)] as const;
    return new Map(await mapConcurrently(digests, PARALLEL_READS, read));
  }

  async #one(digest: Digest): Promise<ManifestNode | 'gone'> {
    const version = this.#listed.get(digest);
    // What GitHub does not list may be gone, whatever an earlier run has read.
    const cached = version === undefined ? undefined : this.#options.cache.get(digest);
    if (cached !== undefined) return readEdges(cached, this.#share);
    const node = await this.#fetch(digest);
    if (node !== undefined) return node;
    if (version === undefined || (await this.#options.versions.version(version)) === undefined) return 'gone';
    await this.#options.clock.sleep(SECOND_LOOK, this.#options.signal);
    const late = await this.#fetch(digest);
    if (late === undefined) throw unreadable(digest);
    return late;
  }

  async #fetch(digest: Digest): Promise<ManifestNode | undefined> {
    this.#options.signal?.throwIfAborted();
    try {
      const blob = await this.#options.manifests.manifest(digest);
      this.reads += 1;
      const node = readEdges(blob, this.#share);
      // What the network gave may be a small part of a large buffer.
      this.#options.cache.set(digest, { ...blob, bytes: Buffer.from(blob.bytes) });
      return node;
    } catch (error) {
      if (isFailure(error, 'registry-not-found')) return undefined;
      throw error;
    }
  }
}

function unreadable(digest: Digest): PlimsollError {
  return new PlimsollError('inventory-incomplete', `${digest} is listed, but the registry does not have its manifest`, {
    hint: 'What this version needs is unknown, so nothing was deleted. Run again in a while; if it stays, delete that version on the package page.',
  });
}
