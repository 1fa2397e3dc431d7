import type { Clock } from '../runtime/clock.ts';
import { isFailure, PlimsollError } from '../runtime/errors.ts';
import type { ContentTarget } from './content.ts';
import type { Descriptor } from './descriptor.ts';
import { type Digest, digestOf } from './digest.ts';
import { parseManifest } from './manifest.ts';
import { isIndexType, OCI_INDEX } from './media-types.ts';
import { fallbackTag } from './referrer-discovery.ts';

/** Rounds before the competition for the tag is given up. */
const MOST_ROUNDS = 12;
/** Milliseconds. The least time that another writer is given to overwrite what we wrote, before we look again. */
const SHORTEST_SETTLING = 30;
/** Times that what was written must be found unharmed, one settling time after the other. */
const LOOKS = 2;

/** Entries by digest. */
type Entries = ReadonlyMap<Digest, Descriptor>;

/** Adds to one fallback tag wait for each other when they are in one process. */
const UNDER_WAY = new WeakMap<ContentTarget, Map<Digest, Promise<void>>>();

/**
 * The index at a subject's fallback tag (distribution specification, "Referrers Tag Schema"). Registries
 * have no conditional write for it, so two clients that add to it at the same time can lose each
 * other's entries. This one merges, waits for the time in which a competitor that read before us would
 * have written, reads back twice, and repairs what was lost, its own and others'.
 */
export class FallbackIndex {
  readonly #target: ContentTarget;
  readonly #subject: Digest;
  readonly #clock: Clock;
  /** Every entry ever seen or added; none of it may be missing at the end. */
  readonly #wanted = new Map<Digest, Descriptor>();
  /** Milliseconds. */
  #slowest = 0;
  #early: Promise<Entries> | undefined;

  constructor(target: ContentTarget, subject: Digest, clock: Clock) {
    this.#target = target;
    this.#subject = subject;
    this.#clock = clock;
  }

  /** @throws PlimsollError `attach-lost` when the entries do not stay */
  add(descriptors: readonly Descriptor[]): Promise<void> {
    return this.#inTurn(() => this.#add(descriptors));
  }

  /** Reads the tag ahead of {@link addFirst}, while what is to be added is still on its way. */
  look(): void {
    this.#early ??= this.#read();
    // Whoever adds is told.
    this.#early.catch(() => {});
  }

  /**
   * Adds for a subject that was not there before, so that nobody else adds to it: where the tag is free as well,
   * what was written is read back at once.
   *
   * @returns `written` ends when a consumer can find the entries, `proven` when they have been read back; both throw
   *   as {@link add} does
   */
  addFirst(descriptors: readonly Descriptor[]): { readonly written: Promise<void>; readonly proven: Promise<void> } {
    let wrote = (): void => {};
    const writing = new Promise<void>((resolve) => {
      wrote = resolve;
    });
    // What was read before the turn of another one came is old.
    if (UNDER_WAY.get(this.#target)?.has(this.#subject) === true) this.#early = undefined;
    const proven = this.#inTurn(() => this.#addFirst(descriptors, wrote));
    return { written: Promise.race([writing, proven]), proven };
  }

  /** Adds of one process to one tag wait for each other. */
  async #inTurn(adding: () => Promise<void>): Promise<void> {
    const queue = UNDER_WAY.get(this.#target) ?? new Map<Digest, Promise<void>>();
    UNDER_WAY.set(this.#target, queue);
    const before = queue.get(this.#subject) ?? Promise.resolve();
    const turn = before.catch(() => {}).then(adding);
    queue.set(this.#subject, turn);
    await turn;
  }

  async #add(descriptors: readonly Descriptor[]): Promise<void> {
    for (const descriptor of descriptors) this.#wanted.set(descriptor.digest, descriptor);
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const wrote = await this.#merge();
      if (!wrote && round === 0) return;
      if (await this.#stays()) return;
      // Competitors that wait for different times stop meeting each other.
      await this.#clock.sleep(Math.random() * this.#settling * 2 ** Math.min(round, 4));
    }
    throw this.#lost();
  }

  async #addFirst(descriptors: readonly Descriptor[], wrote: () => void): Promise<void> {
    const there = await (this.#early ?? this.#read());
    if (there.size > 0) return this.#add(descriptors);
    for (const descriptor of descriptors) this.#wanted.set(descriptor.digest, descriptor);
    await this.#write();
    wrote();
    if (!this.#has(await this.#read())) await this.#add([]);
  }

  /**
   * Writes what is there together with what is wanted; false when that is the same. What was not known is looked
   * at first and the index read again: between the read that counts and the write there is no other request.
   */
  async #merge(): Promise<boolean> {
    let known = -1;
    let entries: Entries = new Map();
    while (known !== this.#wanted.size) {
      known = this.#wanted.size;
      entries = await this.#read();
    }
    if (this.#has(entries)) return false;
    await this.#timed(() => this.#write());
    return true;
  }

  /** Milliseconds in which a competitor that read before our write has written too: its own read and write. */
  get #settling(): number {
    return SHORTEST_SETTLING + 2 * this.#slowest;
  }

  async #stays(): Promise<boolean> {
    for (let look = 0; look < LOOKS; look += 1) {
      await this.#clock.sleep(this.#settling * (1 + Math.random() / 2));
      if (!this.#has(await this.#read())) return false;
    }
    return true;
  }

  /** The slowest request so far is the best guess of how slow another client's may be. */
  async #timed<T>(request: () => Promise<T>): Promise<T> {
    const started = this.#clock.now().getTime();
    const result = await request();
    this.#slowest = Math.max(this.#slowest, this.#clock.now().getTime() - started);
    return result;
  }

  #has(entries: Entries): boolean {
    return [...this.#wanted.keys()].every((digest) => entries.has(digest));
  }

  /** What is there now; all of it is wanted from then on. */
  async #read(): Promise<Entries> {
    const manifest = await this.#timed(() => this.#index());
    const entries = new Map<Digest, Descriptor>();
    for (const entry of manifest) {
      entries.set(entry.digest, entry);
      if (!this.#wanted.has(entry.digest) && !(await this.#isForeign(entry))) this.#wanted.set(entry.digest, entry);
    }
    return entries;
  }

  async #index(): Promise<readonly Descriptor[]> {
    try {
      const blob = await this.#target.manifest(fallbackTag(this.#subject));
      const manifest = isIndexType(blob.mediaType) ? parseManifest(blob) : undefined;
      return manifest?.kind === 'index' ? manifest.manifests : [];
    } catch (error) {
      if (isFailure(error, 'registry-not-found')) return [];
      throw error;
    }
  }

  /** True only for a manifest that can be read and refers to something else; it got there by another tool's mistake. */
  async #isForeign({ digest }: Descriptor): Promise<boolean> {
    try {
      return parseManifest(await this.#target.manifest(digest)).subject?.digest !== this.#subject;
    } catch (error) {
      if (isFailure(error, 'registry-not-found', 'manifest-invalid')) return false;
      throw error;
    }
  }

  async #write(): Promise<void> {
    const manifests = [...this.#wanted.values()];
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }));
    await this.#target.putManifest(
      { mediaType: OCI_INDEX, digest: digestOf(bytes), bytes },
      fallbackTag(this.#subject),
    );
  }

  #lost(): PlimsollError {
    const tag = fallbackTag(this.#subject);
    return new PlimsollError('attach-lost', `Other writers keep overwriting ${this.#target.label}:${tag}`, {
      hint: 'Sign one image from one job at a time, or use a registry that has the referrers API.',
    });
  }
}
