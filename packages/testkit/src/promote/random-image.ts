import { createHash } from 'node:crypto';
import type { Digest } from '@plimsoll/core/oci/digest';
import type { Random } from '../github/random.ts';
import type { MemoryRepository } from '../registry/memory-store.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** What names a piece of what was made. */
interface Part {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
}

/** What a random image is made of. */
export interface RandomImage {
  readonly root: Part;
  /** Every manifest, fallback indexes left out. */
  readonly manifests: readonly Digest[];
  readonly blobs: readonly Digest[];
  /** Tags that belong to a manifest by their name, such as `sha256-<hex>.sig`. */
  readonly legacyTags: ReadonlyMap<string, Digest>;
}

/**
 * Puts an image of random shape into a repository: indexes within indexes, images that share layers, referrers
 * of everything and of referrers, and signatures under legacy tags.
 *
 * @param listed - whether the registry lists referrers; where it does not, they go to fallback tags
 */
export function putRandomImage(repository: MemoryRepository, random: Random, listed: boolean): RandomImage {
  const making = new Making(repository, random);
  const root = making.node(random.below(4));
  const evidence = making.hangOn(listed);
  return { root, ...making.made(), legacyTags: evidence };
}

class Making {
  readonly #repository: MemoryRepository;
  readonly #random: Random;
  readonly #manifests: Part[] = [];
  readonly #blobs: Part[] = [];

  constructor(repository: MemoryRepository, random: Random) {
    this.#repository = repository;
    this.#random = random;
    for (let count = 2 + random.below(6); count > 0; count -= 1) this.#blob(`blob ${random.next()}`);
  }

  made() {
    const digests = (parts: readonly Part[]) => [...new Set(parts.map(({ digest }) => digest))];
    return { manifests: digests(this.#manifests), blobs: digests(this.#blobs) };
  }

  /** @param depth - of indexes that may still come */
  node(depth: number): Part {
    if (depth === 0 || this.#random.chance(0.25)) return this.#image();
    const children = Array.from({ length: 1 + this.#random.below(3) }, () => this.node(depth - 1));
    return this.#manifest(INDEX, { manifests: children });
  }

  /** Referrers and legacy tags; either may be about the other's. */
  hangOn(listed: boolean): ReadonlyMap<string, Digest> {
    const fallback = new Map<Digest, Part[]>();
    const legacy = new Map<string, Digest>();
    for (let count = this.#random.below(8); count > 0; count -= 1) {
      const subject = this.#random.pick(this.#manifests);
      if (this.#random.chance(0.25)) {
        const name = `${subject.digest.replace(':', '-')}.${this.#random.pick(['sig', 'att', 'sbom'])}`;
        if (legacy.has(name)) continue;
        const { digest } = this.#image();
        legacy.set(name, digest);
        this.#repository.tags.set(name, digest);
      } else {
        const referrer = this.#image(subject);
        fallback.set(subject.digest, [...(fallback.get(subject.digest) ?? []), referrer]);
      }
    }
    for (const [subject, manifests] of listed ? [] : fallback) {
      const { digest } = this.#store(INDEX, { manifests });
      this.#repository.tags.set(subject.replace(':', '-'), digest);
    }
    return legacy;
  }

  #image(subject?: Part): Part {
    const layers = [...new Set(Array.from({ length: this.#random.below(4) }, () => this.#random.pick(this.#blobs)))];
    const config = this.#random.pick(this.#blobs);
    return this.#manifest(MANIFEST, { config, layers, ...(subject === undefined ? {} : { subject }) });
  }

  #manifest(mediaType: string, content: object): Part {
    const part = this.#store(mediaType, { ...content, annotations: { n: String(this.#random.next()) } });
    this.#manifests.push(part);
    return part;
  }

  #store(mediaType: string, content: object): Part {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }));
    const part = partOf(mediaType, bytes);
    this.#repository.manifests.set(part.digest, { mediaType, bytes });
    return part;
  }

  #blob(text: string): void {
    const bytes = Buffer.from(text);
    const part = partOf('application/octet-stream', bytes);
    this.#repository.blobs.set(part.digest, bytes);
    this.#blobs.push(part);
  }
}

function partOf(mediaType: string, bytes: Buffer): Part {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as const;
  return { mediaType, digest, size: bytes.length };
}
