import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, link, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { CacheService } from '../../github/cache-service.ts';
import type { ContentSource } from '../../oci/content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { algorithmOf, hexOf } from '../../oci/digest.ts';

/** How a file is known to be the right one, whoever wrote it into the cache. */
export interface Checksum {
  readonly algorithm: string;
  /** Hexadecimal. */
  readonly hex: string;
}

/**
 * Downloads of databases, kept in the cache of the repository by what they contain. Saved as soon as they are there and
 * not after the job, because a job whose gate is closed needs them again tomorrow. Nothing from the cache is used before its
 * bytes were compared with what the registry or the server says.
 */
export class DatabaseCache {
  readonly #service: CacheService;
  readonly #dir: string;
  readonly #saving: Promise<unknown>[] = [];

  /** @param dir for files in transit; removed by {@link finish} */
  constructor(service: CacheService, dir: string) {
    this.#service = service;
    this.#dir = path.join(dir, `cache-${randomUUID()}`);
  }

  /** A blob of a registry as a file; the file is gone after {@link finish}. @throws what the registry throws */
  async blob(layer: Descriptor, name: string, source: ContentSource): Promise<string> {
    const file = await this.#place();
    const key = `plimsoll-${name}-${hexOf(layer.digest)}`;
    const checksum = { algorithm: algorithmOf(layer.digest), hex: hexOf(layer.digest) };
    if (await this.restore(key, file, checksum)) return file;
    await pipeline(await source.blob(layer), createWriteStream(file));
    this.save(key, file);
    return file;
  }

  /** True when the file is there and is what it should be. */
  async restore(key: string, file: string, checksum: Checksum): Promise<boolean> {
    if ((await this.#service.restore({ key, file })) !== key) return false;
    const hash = createHash(checksum.algorithm);
    await pipeline(createReadStream(file), hash);
    if (hash.digest('hex') === checksum.hex) return true;
    await rm(file, { force: true });
    return false;
  }

  /** Begins to store a copy; the file may change meanwhile. */
  save(key: string, file: string): void {
    this.#saving.push(this.#save(key, file));
  }

  /** Waits for what is being stored. */
  async finish(): Promise<void> {
    await Promise.allSettled(this.#saving);
    await rm(this.#dir, { recursive: true, force: true });
  }

  async #save(key: string, file: string): Promise<void> {
    const copy = await this.#place();
    await link(file, copy).catch(() => copyFile(file, copy));
    await this.#service.save({ key, file: copy });
  }

  async #place(): Promise<string> {
    await mkdir(this.#dir, { recursive: true });
    return path.join(this.#dir, randomUUID());
  }
}
