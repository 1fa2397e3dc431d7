import type { ManifestBlob } from '../../oci/content.ts';
import type { Digest } from '../../oci/digest.ts';
import type { PackageVersion } from '../../policy/retention-rules.ts';
import type { Clock } from '../../runtime/clock.ts';
import { mapConcurrently } from '../../runtime/concurrent.ts';
import { isFailure, PlimsollError } from '../../runtime/errors.ts';
import { type ManifestNode, readEdges } from './edges.ts';
import type { ReadRequest, ReadResults } from './liveness.ts';
import type { ManifestStore, VersionStore } from './ports.ts';

/** Remembers what manifests point to. A digest never changes what it points to, so nothing expires. */
export interface NodeCache {
  get(digest: Digest): ManifestNode | undefined;
  set(digest: Digest, node: ManifestNode): unknown;
}

export interface ReaderOptions {
  readonly manifests: ManifestStore;
  readonly versions: VersionStore;
  readonly clock: Clock;
  readonly cache: NodeCache;
  readonly signal?: AbortSignal;
}

const PARALLEL_READS = 16;
/** A manifest pushed a moment ago is not always there yet. */
const SECOND_LOOK = 3_000;

/** Reads manifests for the fixpoint, each digest once, and tells "deleted meanwhile" from "cannot be read". */
export class ManifestReader {
  /** Manifests sent by the registry in this run; each counts there as a download. */
  reads = 0;
  /** The bytes of tagged candidates, to set their tags again after a restore. */
  readonly kept = new Map<Digest, ManifestBlob>();
  readonly #options: ReaderOptions;
  readonly #listed: ReadonlyMap<Digest, PackageVersion>;

  constructor(options: ReaderOptions, listed: readonly PackageVersion[]) {
    this.#options = options;
    this.#listed = new Map(listed.map((version) => [version.digest, version]));
  }

  /** @throws PlimsollError `inventory-incomplete` when something that must live cannot be read, and what the registry throws */
  async read({ digests, purpose }: ReadRequest): Promise<ReadResults> {
    const results = await mapConcurrently(digests, PARALLEL_READS, async (digest) => {
      const result = await this.#one(digest, purpose);
      if (result === 'unreadable' && purpose === 'live') throw unreadable(digest);
      return [digest, result] as const;
    });
    return new Map(results);
  }

  async #one(digest: Digest, purpose: ReadRequest['purpose']): Promise<ManifestNode | 'gone' | 'unreadable'> {
    const version = this.#listed.get(digest);
    const wantsBytes =
      purpose === 'candidate' && version !== undefined && version.tags.length > 0 && !this.kept.has(digest);
    const cached = this.#options.cache.get(digest);
    if (cached !== undefined && !wantsBytes) return cached;
    const node = await this.#fetch(digest, wantsBytes);
    if (node !== undefined) return node;
    if (version === undefined || (await this.#options.versions.version(version.id)) === undefined) return 'gone';
    await this.#options.clock.sleep(SECOND_LOOK, this.#options.signal);
    return (await this.#fetch(digest, wantsBytes)) ?? 'unreadable';
  }

  async #fetch(digest: Digest, keepBytes: boolean): Promise<ManifestNode | undefined> {
    this.#options.signal?.throwIfAborted();
    try {
      const blob = await this.#options.manifests.manifest(digest);
      this.reads += 1;
      if (keepBytes) this.kept.set(digest, blob);
      const node = readEdges(blob);
      this.#options.cache.set(digest, node);
      return node;
    } catch (error) {
      if (isFailure(error, 'registry-not-found')) return undefined;
      throw error;
    }
  }
}

function unreadable(digest: Digest): PlimsollError {
  return new PlimsollError(
    'inventory-incomplete',
    `GitHub lists ${digest}, but the registry does not have its manifest`,
    {
      hint: 'What this version needs is unknown, so nothing was deleted. Run again in a while; if it stays, delete that version on the package page.',
    },
  );
}
