import type { Digest } from '../../oci/digest.ts';
import type { Clock } from '../../runtime/clock.ts';
import { mapConcurrently } from '../../runtime/concurrent.ts';
import { isFailure } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { Journal } from './journal.ts';
import { closureOf } from '../../oci/closure.ts';
import { GITHUB_MANNERS, type Manners } from './manners.ts';
import { Pacer } from './pacer.ts';
import type { PlannedDeletion } from './plan.ts';
import type { Planned } from './planner.ts';
import type { ManifestStore, VersionStore } from './ports.ts';
import { Recheck, type Revived } from './recheck.ts';
import { type Restorable, undo } from './restore.ts';

export interface ApplyPorts {
  readonly versions: VersionStore;
  readonly manifests: ManifestStore;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly log: Log;
  readonly signal?: AbortSignal;
}

/** A planned deletion that did not happen, and why. */
export interface Spared {
  readonly item: PlannedDeletion;
  readonly reason: string;
}

export interface Applied {
  readonly deleted: readonly PlannedDeletion[];
  /** Somebody else deleted these. */
  readonly gone: readonly PlannedDeletion[];
  /** The registry does not delete these. */
  readonly refused: readonly Spared[];
  /** Something needs these now, or needs something that could not go. */
  readonly spared: readonly Spared[];
  readonly restored: readonly Restorable[];
  /** Why the run ended before the plan did. */
  readonly failure?: Error;
}

/** Milliseconds without a push after which what was being pushed is taken for whole. */
const QUIET = 20_000;
const LAST_LOOKS = 15;

/** Deletes, roots first, in batches; whatever stops it is in `failure`, so that what was done is always known. */
export async function applyDeletions(
  deletions: readonly PlannedDeletion[],
  planned: Planned,
  ports: ApplyPorts,
): Promise<Applied> {
  const run = new ApplyRun(planned, ports);
  const { batch } = ports.versions.manners ?? GITHUB_MANNERS;
  try {
    for (let at = 0; at < deletions.length; at += batch) {
      await run.batch(deletions.slice(at, at + batch));
      ports.log.info(`${Math.min(at + batch, deletions.length)} of ${deletions.length} done`);
    }
    if (deletions.length > 0) await run.lastLook();
    return run.result();
  } catch (thrown) {
    const failure = thrown instanceof Error ? thrown : new Error('the run was stopped', { cause: thrown });
    return { ...run.result(), failure };
  }
}

class ApplyRun {
  readonly #planned: Planned;
  readonly #ports: ApplyPorts;
  readonly #recheck: Recheck;
  readonly #manners: Manners;
  readonly #pacer: Pacer;
  readonly #needs: ReadonlyMap<Digest, readonly Digest[]>;
  readonly #deleted = new Map<Digest, PlannedDeletion>();
  readonly #gone: PlannedDeletion[] = [];
  readonly #refused: Spared[] = [];
  readonly #spared: Spared[] = [];
  readonly #keep = new Map<Digest, string>();
  #restored: readonly Restorable[] = [];

  constructor(planned: Planned, ports: ApplyPorts) {
    this.#planned = planned;
    this.#ports = ports;
    this.#manners = ports.versions.manners ?? GITHUB_MANNERS;
    this.#recheck = new Recheck(planned, ports);
    this.#pacer = new Pacer(this.#manners.deletionsPerMinute, ports);
    this.#needs = new Map(planned.plan.delete.map((item) => [item.digest, item.needs]));
  }

  result(): Applied {
    const restored = new Set(this.#restored.map((item) => item.id));
    return {
      deleted: [...this.#deleted.values()].filter((item) => !restored.has(item.id)),
      gone: this.#gone,
      refused: this.#refused,
      spared: this.#spared,
      restored: this.#restored,
    };
  }

  async batch(items: readonly PlannedDeletion[]): Promise<void> {
    this.#ports.signal?.throwIfAborted();
    const { alive, gone } = await this.#look(items);
    await this.#refuseHarm(alive);
    for (const [digest, reason] of alive) this.#spare([digest], reason);
    const deleted: PlannedDeletion[] = [];
    for (const item of items) {
      const reason = this.#keep.get(item.digest);
      if (reason !== undefined) this.#spared.push({ item, reason });
      else if (gone.has(item.id)) await this.#note('gone', item);
      else if (await this.#delete(item)) deleted.push(item);
    }
    await this.#assertNeighbours(deleted);
  }

  /** What was pushed during the last batch may need something of it, and what is still being pushed has no index yet. */
  async lastLook(): Promise<void> {
    for (let look = 1; ; look += 1) {
      const { alive, pushed } = await this.#look([]);
      await this.#refuseHarm(alive);
      if (pushed === 0 || look >= LAST_LOOKS) return;
      this.#ports.log.info('Something is being pushed: waiting until it is whole');
      await this.#ports.clock.sleep(QUIET, this.#ports.signal);
    }
  }

  /** Something new that cannot be read may need anything that was deleted. */
  async #look(items: readonly PlannedDeletion[]): Promise<Revived> {
    try {
      return await this.#recheck.look(items);
    } catch (error) {
      if (this.#deleted.size > 0 && isFailure(error, 'inventory-incomplete')) await this.#undo(error.message);
      throw error;
    }
  }

  async #delete(item: PlannedDeletion): Promise<boolean> {
    await this.#pacer.turn();
    const manifest = this.#manners.restoresBy === 'push' ? this.#planned.reader.known(item.digest) : undefined;
    await this.#ports.journal.record('deleting', item, manifest);
    const outcome = await this.#ports.versions.delete(item);
    await this.#ports.journal.record(outcome.is, item);
    if (outcome.is === 'refused') this.#refuse(item, outcome.reason);
    else if (outcome.is === 'gone') this.#gone.push(item);
    else this.#deleted.set(item.digest, item);
    return outcome.is === 'deleted';
  }

  /** What is not deleted stays whole. */
  #refuse(item: PlannedDeletion, reason: string): void {
    this.#refused.push({ item, reason });
    const needed = `needed by ${item.tags[0] ?? item.digest}, which ${this.#manners.service} does not delete`;
    this.#spare(this.#needs.get(item.digest) ?? [], needed);
  }

  async #note(event: 'gone', item: PlannedDeletion): Promise<void> {
    await this.#ports.journal.record(event, item);
    this.#gone.push(item);
  }

  /** These stay, and everything they need stays with them. */
  #spare(digests: readonly Digest[], reason: string): void {
    for (const digest of closureOf(digests, this.#needs)) if (!this.#keep.has(digest)) this.#keep.set(digest, reason);
  }

  /** Something that is new needs something that this run deleted: nobody could have known, and all of it comes back. */
  async #refuseHarm(alive: ReadonlyMap<Digest, string>): Promise<void> {
    const harmed = [...alive.keys()].filter((digest) => this.#deleted.has(digest));
    if (harmed.length > 0) await this.#undo(`${harmed[0]} was deleted while something new came to need it`);
  }

  /** What is kept beside the deleted must still be there: GitHub might one day delete more than it is asked to. */
  async #assertNeighbours(deleted: readonly PlannedDeletion[]): Promise<void> {
    const { live, nodes } = this.#planned.liveness;
    const near = deleted.flatMap((item) => {
      const node = nodes.get(item.digest);
      return node === undefined
        ? []
        : [...node.children.map((child) => child.digest), ...(node.subject ? [node.subject] : [])];
    });
    const watched = [...new Set(near)].filter(
      (digest) => live.has(digest) && !this.#planned.liveness.missing.has(digest),
    );
    const found = await mapConcurrently(watched, 10, (digest) => this.#ports.manifests.resolve(digest));
    const missing = new Set(watched.filter((_digest, index) => found[index] === undefined));
    const lost = this.#planned.inventory.versions.filter((version) => missing.has(version.digest));
    if (lost[0] !== undefined)
      await this.#undo(`${lost[0].digest} is kept, but the registry does not have it any more`, lost);
  }

  /** @throws PlimsollError always: `prune-restored`, or `prune-damage` when something could not be brought back */
  async #undo(problem: string, others: readonly Restorable[] = []): Promise<never> {
    const items = [...this.#deleted.values(), ...others];
    const { restored, failure } = await undo(items, problem, { ...this.#ports, reader: this.#planned.reader });
    this.#restored = restored;
    throw failure;
  }
}
