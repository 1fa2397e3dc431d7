import type { ContentTarget } from './content.ts';
import type { Digest } from './digest.ts';
import type { Graph, GraphWatch } from './graph.ts';

/** What the target has of a graph. */
export interface Present {
  readonly manifests: ReadonlySet<Digest>;
  /** By subject: what is on record as its referrer. */
  readonly recorded: ReadonlyMap<Digest, ReadonlySet<Digest>>;
}

/** An answer that is on its way, and what it was asked about. */
interface Asked {
  readonly wanted: readonly Digest[];
  readonly recorded: Promise<ReadonlySet<Digest>>;
}

/**
 * Asks a target that has the root what else it has, while the source's graph is still being read: children are
 * asked for one by one, referrers looked up in the target's records. A target without the root is asked nothing.
 */
export class TargetPresence implements GraphWatch {
  readonly #target: ContentTarget;
  readonly #rootThere: Promise<boolean>;
  readonly #manifests = new Map<Digest, Promise<boolean>>();
  readonly #recorded = new Map<Digest, Asked>();

  constructor(target: ContentTarget, rootThere: Promise<boolean>) {
    this.#target = target;
    this.#rootThere = rootThere;
    rootThere.catch(() => {});
  }

  children(digests: readonly Digest[]): void {
    for (const digest of digests) void this.#has(digest);
  }

  referrers(subject: Digest, unproven: readonly Digest[]): void {
    if (!this.#recorded.has(subject)) void this.#record(subject, unproven);
  }

  /** @throws PlimsollError what the target throws */
  async of(graph: Graph): Promise<Present> {
    if (!(await this.#rootThere)) return { manifests: new Set(), recorded: new Map() };
    const nodes = [...graph.nodes.values()];
    const present = new Set<Digest>([graph.root.digest]);
    const recorded = new Map<Digest, ReadonlySet<Digest>>();
    const asked = new Set([...nodes.flatMap((node) => node.children), ...graph.tags.map(({ digest }) => digest)]);
    asked.delete(graph.root.digest);
    await Promise.all([
      ...[...asked].map(async (digest) => {
        if (await this.#has(digest)) present.add(digest);
      }),
      ...nodes.map(async ({ descriptor: { digest: subject }, referrers }) => {
        if (referrers.length === 0) return;
        const found = await this.#onRecord(subject, referrers);
        recorded.set(subject, found);
        for (const digest of referrers) if (found.has(digest) && !asked.has(digest)) present.add(digest);
      }),
    ]);
    return { manifests: withoutGaps(graph, present), recorded };
  }

  #has(digest: Digest): Promise<boolean> {
    const asked = this.#manifests.get(digest) ?? this.#ask(digest);
    this.#manifests.set(digest, asked);
    return asked;
  }

  #ask(digest: Digest): Promise<boolean> {
    const there = this.#rootThere.then(async (root) => root && (await this.#target.resolve(digest)) !== undefined);
    // Whoever needs the answer is told of a failure; the walk may end before anybody does.
    there.catch(() => {});
    return there;
  }

  /** What was asked for early is asked for again only when the source turned out to list more than was known. */
  async #onRecord(subject: Digest, wanted: readonly Digest[]): Promise<ReadonlySet<Digest>> {
    const early = this.#recorded.get(subject);
    if (early === undefined) return this.#record(subject, wanted);
    const found = await early.recorded;
    const answered = wanted.every((digest) => found.has(digest) || early.wanted.includes(digest));
    return answered ? found : this.#record(subject, wanted);
  }

  #record(subject: Digest, wanted: readonly Digest[]): Promise<ReadonlySet<Digest>> {
    const recorded = this.#rootThere.then((root) =>
      root ? this.#target.recorded(subject, wanted) : new Set<Digest>(),
    );
    recorded.catch(() => {});
    this.#recorded.set(subject, { wanted, recorded });
    return recorded;
  }
}

/** An index is there only with what it lists; a registry may have lost some of it. */
function withoutGaps(graph: Graph, present: Set<Digest>): ReadonlySet<Digest> {
  for (let changed = true; changed; ) {
    changed = false;
    for (const { descriptor, children } of graph.nodes.values()) {
      if (!present.has(descriptor.digest) || children.every((child) => present.has(child))) continue;
      present.delete(descriptor.digest);
      changed = true;
    }
  }
  return present;
}
