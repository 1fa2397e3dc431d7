import type { Digest } from '../../oci/digest.ts';
import type { PackageVersion, Verdict } from '../../policy/retention-rules.ts';
import { mapConcurrently } from '../../runtime/concurrent.ts';
import type { Clock } from '../../runtime/clock.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import type { ReadRequest, ReadResults } from './liveness.ts';
import type { PlannedDeletion } from './plan.ts';
import { byDigest, type Planned, runLiveness } from './planner.ts';
import type { ManifestStore, VersionStore } from './ports.ts';
import { isDescending } from './inventory.ts';
import { resolveTags } from './unlisted-tags.ts';

const PARALLEL_LOOKS = 10;
/** Milliseconds. */
const SECOND_LOOK = 3_000;

export interface Revived {
  /** Planned deletions that something needs now, with the reason. */
  readonly alive: ReadonlyMap<Digest, string>;
  /** Ids that somebody else deleted. */
  readonly gone: ReadonlySet<number>;
  /** Versions that were pushed since the look before: somebody is pushing right now. */
  readonly pushed: number;
}

/**
 * Looks, just before a batch, for what happened since the list was taken: versions pushed, tags set
 * or moved. Knows what it has seen, so each look asks only for what is new.
 */
export class Recheck {
  readonly #planned: Planned;
  readonly #clock: Clock;
  readonly #versions: VersionStore;
  readonly #manifests: ManifestStore;
  readonly #doomed: readonly PackageVersion[];
  readonly #ids: Set<number>;
  readonly #tags: Set<string>;
  readonly #roots = new Map<Digest, string>();

  constructor(planned: Planned, stores: { versions: VersionStore; manifests: ManifestStore; clock: Clock }) {
    this.#planned = planned;
    this.#clock = stores.clock;
    this.#versions = stores.versions;
    this.#manifests = stores.manifests;
    this.#doomed = planned.plan.delete.map((item) => ({ ...item, createdAt: Date.parse(item.createdAt) }));
    this.#ids = new Set(planned.inventory.versions.map((version) => version.id));
    this.#tags = new Set();
    for (const items of [planned.plan.delete, planned.plan.keep])
      for (const { tags } of items) for (const tag of tags) this.#tags.add(tag);
  }

  /** @throws what the two planes throw; then nothing of the batch may be deleted */
  async look(batch: readonly PlannedDeletion[]): Promise<Revived> {
    const before = this.#roots.size;
    const fresh = await this.#newVersions();
    for (const version of fresh) this.#roots.set(version.digest, 'pushed since the plan');
    for (const [tag, digest] of await this.#newTags()) this.#roots.set(digest, `tagged ${tag} since the plan`);
    const gone = await this.#changedItems(batch);
    const pushed = fresh.length;
    if (this.#roots.size === before) return { alive: new Map(), gone, pushed };
    return { alive: await this.#closure(), gone, pushed };
  }

  async #newVersions(): Promise<PackageVersion[]> {
    const found: PackageVersion[] = [];
    for (let number = 1; ; number += 1) {
      const page = await this.#versions.page(number, 'active');
      const fresh = page.versions.filter((version) => !this.#ids.has(version.id));
      found.push(...fresh);
      if (number >= page.last || (isDescending(page.versions) && fresh.length < page.versions.length)) break;
    }
    for (const version of found) this.#ids.add(version.id);
    return found;
  }

  async #newTags(): Promise<ReadonlyMap<string, Digest>> {
    const fresh = (await this.#manifests.tags()).filter((tag) => !this.#tags.has(tag));
    for (const tag of fresh) this.#tags.add(tag);
    return resolveTags(fresh, this.#manifests);
  }

  /** The tags of what is about to go: any change means that somebody works with it. */
  async #changedItems(batch: readonly PlannedDeletion[]): Promise<ReadonlySet<number>> {
    const gone = new Set<number>();
    await mapConcurrently(batch, PARALLEL_LOOKS, async (item) => {
      const now = await this.#versions.version(item);
      if (now === undefined) gone.add(item.id);
      else if (now.tags.toSorted().join() !== item.tags.toSorted().join())
        this.#roots.set(item.digest, 'its tags changed since the plan');
    });
    return gone;
  }

  /** What is new is there, whatever the registry says a moment after the push. */
  async #readAll(request: ReadRequest): Promise<ReadResults> {
    const { reader } = this.#planned;
    const results = new Map(await reader.read(request));
    const late = request.purpose === 'live' ? [...results].filter(([, result]) => result === 'gone') : [];
    if (late.length === 0) return results;
    await this.#clock.sleep(SECOND_LOOK);
    const again = await reader.read({ ...request, digests: late.map(([digest]) => digest) });
    for (const [digest, result] of again) {
      if (result === 'gone') throw unreadable(digest);
      results.set(digest, result);
    }
    return results;
  }

  /** Of everything planned, what the new roots reach. */
  async #closure(): Promise<ReadonlyMap<Digest, string>> {
    const verdicts = new Map<number, Verdict>(this.#doomed.map((one) => [one.id, { is: 'doom', rule: 'planned' }]));
    const input = { versions: this.#doomed, listed: byDigest(this.#doomed), verdicts, extraRoots: this.#roots };
    const { live } = await runLiveness(input, { read: (request) => this.#readAll(request) });
    const alive = this.#doomed.filter((one) => live.has(one.digest));
    return new Map(alive.map((one) => [one.digest, this.#roots.get(one.digest) ?? 'needed by something that is new']));
  }
}

function unreadable(digest: Digest): PlimsollError {
  return new PlimsollError('inventory-incomplete', `${digest} is new, and the registry does not have its manifest`, {
    hint: 'What it needs is unknown, so nothing more was deleted. Run again when no workflow is pushing to the package.',
  });
}
