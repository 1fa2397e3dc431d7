import type { ManifestBlob } from '../content.ts';
import type { Digest } from '../digest.ts';

/** Bytes; the oldest go first. Far more than the largest graph of one image. */
const BUDGET = 64 * 1024 * 1024;

/** Manifests of one repository by digest, which never change; those being fetched are waited for. */
export class ManifestCache {
  readonly #kept = new Map<Digest, ManifestBlob>();
  readonly #coming = new Map<Digest, Promise<ManifestBlob | undefined>>();
  #size = 0;

  peek(digest: Digest): ManifestBlob | undefined {
    return this.#kept.get(digest);
  }

  /** Whether one that is kept refers to it. */
  mentions(digest: Digest): boolean {
    return [...this.#kept.values()].some(({ bytes }) => bytes.includes(digest));
  }

  /** @param fetch - gives `undefined` where there is none, which is not remembered */
  async get(digest: Digest, fetch: () => Promise<ManifestBlob | undefined>): Promise<ManifestBlob | undefined> {
    const kept = this.#kept.get(digest);
    if (kept !== undefined) return kept;
    const coming = this.#coming.get(digest) ?? fetch().finally(() => this.#coming.delete(digest));
    this.#coming.set(digest, coming);
    const found = await coming;
    return found === undefined ? undefined : this.keep(found);
  }

  keep(blob: ManifestBlob): ManifestBlob {
    if (this.#kept.has(blob.digest)) return blob;
    this.#kept.set(blob.digest, blob);
    this.#size += blob.bytes.length;
    for (const [digest, { bytes }] of this.#kept) {
      if (this.#size <= BUDGET) break;
      this.#kept.delete(digest);
      this.#size -= bytes.length;
    }
    return blob;
  }

  forget(digest: Digest): void {
    this.#size -= this.#kept.get(digest)?.bytes.length ?? 0;
    this.#kept.delete(digest);
  }
}
