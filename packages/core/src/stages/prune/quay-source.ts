import type { Deletion } from '../../github/packages.ts';
import type { Digest } from '../../oci/digest.ts';
import type { QuayApi, QuayTag } from '../../oci/registry/quay-api.ts';
import { mapConcurrently } from '../../runtime/concurrent.ts';
import { type Manners, sizedBatch } from './manners.ts';
import type { VersionName } from './ports.ts';
import type { ContentStore, TagEntry, TagSource } from './tag-source.ts';

const PARALLEL = 8;

export interface Expiry {
  /** Milliseconds. */
  readonly after: number;
  readonly now: () => Date;
}

/**
 * Quay through its own API: it knows when a tag was set, which tags are immutable, and brings deleted tags back. What no
 * tag leads to any more Quay removes by itself, so parts and referrers are not deleted one by one.
 */
export class QuaySource implements TagSource {
  readonly #api: QuayApi;
  readonly #content: Pick<ContentStore, 'has'>;
  readonly #expiry: Expiry | undefined;
  #tags: readonly QuayTag[] = [];

  /** @param expiry has Quay take tags away that much later, instead of deleting them now */
  constructor(api: QuayApi, content: Pick<ContentStore, 'has'>, expiry?: Expiry) {
    this.#api = api;
    this.#content = content;
    this.#expiry = expiry;
  }

  get manners(): Manners {
    return {
      service: 'Quay',
      listsAll: false,
      batch: sizedBatch(this.#tags.length),
      restoresBy: 'name',
      restorable: "within Quay's time machine, two weeks unless it is set otherwise",
    };
  }

  /** Quay lets go of these whatever the policy says. */
  get notes(): readonly string[] {
    const [first, ...rest] = this.#tags
      .filter((tag) => tag.expiresAt !== undefined)
      .toSorted((a, b) => (a.expiresAt ?? 0) - (b.expiresAt ?? 0));
    if (first === undefined) return [];
    const when = new Date(first.expiresAt ?? 0).toISOString();
    return [
      `${rest.length + 1} tags expire on Quay by themselves, whatever the policy keeps; the first is ${first.name}, ${when}`,
    ];
  }

  async list(): Promise<readonly TagEntry[]> {
    this.#tags = await this.#api.tags();
    return this.#tags.map((tag) => ({ tag: tag.name, digest: tag.digest, setAt: tag.setAt, ...this.#heldBy(tag) }));
  }

  #heldBy({ immutable, expiresAt }: QuayTag): Pick<TagEntry, 'held'> {
    if (immutable) return { held: 'quay/immutable' };
    // What an earlier run has set must not be put off by each later one.
    return this.#expiry !== undefined && expiresAt !== undefined ? { held: 'quay/expires' } : {};
  }

  async locate(tag: string): Promise<Digest | undefined> {
    return (await this.#api.tag(tag))?.digest;
  }

  async delete({ tags, digest }: VersionName): Promise<Deletion> {
    const done: string[] = [];
    for (const tag of tags) {
      const outcome = await this.#take(tag);
      if (outcome.is === 'deleted') done.push(tag);
      if (outcome.is !== 'refused') continue;
      // A version goes with all of its tags or not at all.
      for (const one of done) await this.#giveBack(one, digest);
      return outcome;
    }
    return { is: tags.length > 0 && done.length === 0 ? 'gone' : 'deleted' };
  }

  /** A part comes back with what it is a part of. */
  async restore({ tags, digest }: VersionName): Promise<boolean> {
    if (tags.length === 0) return this.#content.has(digest);
    const back = await mapConcurrently(tags, PARALLEL, (tag) => this.#giveBack(tag, digest));
    return back.every(Boolean);
  }

  /** Of what is still there, only that it was to expire. */
  async revive({ tags, digest }: VersionName): Promise<void> {
    for (const tag of tags) if ((await this.#api.tag(tag)) !== undefined) await this.#giveBack(tag, digest);
  }

  #take(tag: string): Promise<Deletion> {
    const { after, now } = this.#expiry ?? {};
    return after === undefined || now === undefined
      ? this.#api.deleteTag(tag)
      : this.#api.expireTag(tag, now().getTime() + after);
  }

  /** A tag that points elsewhere by now is left alone. */
  async #giveBack(tag: string, digest: Digest): Promise<boolean> {
    const now = await this.#api.tag(tag);
    if (now === undefined) return this.#api.restoreTag(tag, digest);
    if (now.digest === digest && now.expiresAt !== undefined) await this.#api.expireTag(tag, undefined);
    return true;
  }
}
