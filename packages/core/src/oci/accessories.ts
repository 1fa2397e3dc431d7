import { isFailure } from '../runtime/errors.ts';
import { accessorySubject, subjectKey } from './accessory-tag.ts';
import type { ContentSource } from './content.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import { descriptorOf } from './manifest.ts';
import type { KnownTags } from './referrer-discovery.ts';

/** What is asked for by name where the tags cannot be listed (cosign before bundles). */
const LEGACY_SUFFIXES = ['.sig', '.att', '.sbom'] as const;

/** A tag that belongs to a manifest, and what it points to. */
export interface FoundAccessory {
  readonly name: string;
  readonly descriptor: Descriptor;
}

/**
 * What hangs on the manifests of one source. All tags are listed once, which answers for every manifest
 * whether it has accessory tags; a source that will not list its tags is asked for each by name.
 */
export class Accessories {
  readonly #source: ContentSource;
  #tags: Promise<ReadonlySet<string> | undefined> | undefined;
  /** The list was asked for, and the answer was none. */
  #refused = false;

  constructor(source: ContentSource) {
    this.#source = source;
  }

  /**
   * @param now - asks for the fallback tag without waiting for the list: the manifests of the image
   *   itself are few and most likely to have one
   * @param seen - told of them before they are read
   */
  referrers(subject: Digest, now: boolean, seen: NonNullable<KnownTags['seen']>): Promise<readonly Descriptor[]> {
    return this.#source.referrers(subject, { now, all: this.#list(), seen });
  }

  /**
   * Cosign's `.sig`, `.att` and `.sbom`, and other clients' digest tags, of these manifests. One that is
   * listed, or that no list could tell of, and is not found is asked for again.
   */
  async tagged(digests: readonly Digest[]): Promise<readonly FoundAccessory[]> {
    if (this.#source.tags === undefined) return [];
    const keys = digests.map(subjectKey);
    const tags = await this.#list();
    const names = tags === undefined ? byName(keys) : among(tags, keys);
    const again = tags !== undefined || this.#refused;
    const found = await Promise.all(
      names.map(async (name) => (await this.#find(name)) ?? (again ? this.#find(name) : undefined)),
    );
    return found.filter((one) => one !== undefined);
  }

  /** `undefined` when they cannot be told: also for an empty list, which is what some registries say instead of "no". */
  #list(): Promise<ReadonlySet<string> | undefined> {
    this.#tags ??= this.#ask();
    return this.#tags;
  }

  async #ask(): Promise<ReadonlySet<string> | undefined> {
    try {
      const tags = (await this.#source.tags?.()) ?? [];
      return tags.length === 0 ? undefined : new Set(tags);
    } catch (error) {
      if (!isFailure(error) || error.code === 'cancelled') throw error;
      this.#refused = true;
      return undefined;
    }
  }

  async #find(name: string): Promise<FoundAccessory | undefined> {
    try {
      return { name, descriptor: descriptorOf(await this.#source.manifest(name)) };
    } catch (error) {
      if (isFailure(error, 'registry-not-found')) return undefined;
      throw error;
    }
  }
}

function byName(keys: readonly string[]): readonly string[] {
  return keys.flatMap((key) => LEGACY_SUFFIXES.map((suffix) => `${key}${suffix}`));
}

/** The tag without a suffix lists referrers, which are found as such. */
function among(tags: ReadonlySet<string>, keys: readonly string[]): readonly string[] {
  const wanted = new Set<string>(keys);
  return [...tags].filter((tag) => {
    const key = accessorySubject(tag);
    return key !== undefined && key !== tag && wanted.has(key);
  });
}
