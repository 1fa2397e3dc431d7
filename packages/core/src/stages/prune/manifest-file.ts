import { closeSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { ManifestBlob } from '../../oci/content.ts';
import { algorithmOf, type Digest, digestOf } from '../../oci/digest.ts';
import type { Log } from '../../runtime/log.ts';
import { FIRST_LINE, headOf, LINE, recordsIn } from './manifest-records.ts';
import type { ManifestCache } from './reader.ts';

/** Media type of the list of versions. */
const INVENTORY = 'application/vnd.plimsoll.inventory.v1';
/** Bytes that are written at once. */
const PIECE = 256 * 1024;

interface Entry {
  readonly file: number;
  readonly at: number;
  readonly length: number;
  readonly mediaType: string;
}

/**
 * Manifests that earlier runs read and that this one reads, in a file and not in memory: a large package has tens of
 * megabytes of them. Only what has the digest that it is filed under is given out, so a file that is torn, old or
 * tampered with can cost reads and nothing else; and one that cannot be written costs memory.
 */
export class ManifestFile implements ManifestCache {
  readonly #file: string;
  readonly #log: Log;
  readonly #entries = new Map<Digest, Entry>();
  readonly #memory = new Map<Digest, ManifestBlob>();
  #pending = new Map<Digest, ManifestBlob>();
  #pendingSize = 0;
  readonly #old: number | undefined;
  #new: number | undefined;
  #written = 0;
  #unwritable = false;
  /** Under which the list of versions is filed. */
  #inventory: Digest | undefined;

  /** Opens it; one that is not there, or that cannot be read, has nothing in it. */
  constructor(file: string, log: Log) {
    this.#file = file;
    this.#log = log;
    try {
      this.#old = openSync(file, 'r');
      for (const { digest, ...entry } of recordsIn(this.#old)) {
        this.#entries.set(digest, { file: this.#old, ...entry });
        if (entry.mediaType === INVENTORY) this.#inventory = digest;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      log.info(`The cached manifests in ${file} cannot be used, so every manifest is read again`);
    }
  }

  get(digest: Digest): ManifestBlob | undefined {
    const kept = this.#memory.get(digest) ?? this.#pending.get(digest);
    const entry = this.#entries.get(digest);
    if (kept !== undefined || entry === undefined) return kept;
    const bytes = Buffer.alloc(entry.length);
    const read = readSync(entry.file, bytes, 0, entry.length, entry.at);
    const isIt = read === entry.length && digestOf(bytes, algorithmOf(digest)) === digest;
    return isIt ? { digest, mediaType: entry.mediaType, bytes } : undefined;
  }

  set(digest: Digest, blob: ManifestBlob): void {
    if (this.#unwritable) {
      this.#memory.set(digest, blob);
      return;
    }
    this.#pending.set(digest, blob);
    this.#pendingSize += blob.bytes.length;
    if (this.#pendingSize >= PIECE) this.#flush();
  }

  /** The list of versions that an earlier run left. */
  inventory(): Buffer | undefined {
    return this.#inventory === undefined ? undefined : this.get(this.#inventory)?.bytes;
  }

  /** Takes the place of the list that an earlier run left. */
  keepInventory(bytes: Buffer): void {
    const digest = digestOf(bytes);
    this.#inventory = digest;
    this.set(digest, { digest, mediaType: INVENTORY, bytes });
  }

  /** Puts in place of the file what is known of these versions. A cache that cannot be written is no reason to fail. */
  save(versions: Iterable<{ readonly digest: Digest }>): void {
    if (this.#inventory !== undefined) this.#carry(this.#inventory);
    for (const { digest } of versions) this.#carry(digest);
    this.#flush();
    this.#try(() => renameSync(this.#partial, this.#file));
  }

  /** From the old file into the new one. */
  #carry(digest: Digest): void {
    const blob = this.#entries.get(digest)?.file === this.#old ? this.get(digest) : undefined;
    if (blob !== undefined) this.set(digest, blob);
  }

  [Symbol.dispose](): void {
    for (const file of [this.#old, this.#new]) if (file !== undefined) closeSync(file);
    if (this.#new !== undefined) rmSync(this.#partial, { force: true });
  }

  /** Another run may read or write the file at the same time. */
  get #partial(): string {
    return `${this.#file}.${process.pid}`;
  }

  #flush(): void {
    const blobs = [...this.#pending.values()];
    this.#pending = new Map();
    this.#pendingSize = 0;
    this.#try(() => this.#write(blobs));
    if (this.#unwritable) for (const blob of blobs) this.#memory.set(blob.digest, blob);
  }

  #write(blobs: readonly ManifestBlob[]): void {
    const file = this.#new ?? this.#begin();
    const parts: Uint8Array[] = [];
    for (const { digest, mediaType, bytes } of blobs) {
      const head = headOf({ digest, mediaType, length: bytes.length });
      const at = this.#written + head.length;
      this.#entries.set(digest, { file, at, length: bytes.length, mediaType });
      parts.push(head, bytes, LINE);
      this.#written = at + bytes.length + LINE.length;
    }
    writeSync(file, Buffer.concat(parts));
  }

  #begin(): number {
    mkdirSync(path.dirname(this.#file), { recursive: true });
    this.#new = openSync(this.#partial, 'w+');
    this.#written = writeSync(this.#new, FIRST_LINE);
    return this.#new;
  }

  #try(step: () => void): void {
    if (this.#unwritable) return;
    try {
      step();
    } catch (error) {
      this.#unwritable = true;
      this.#log.info(`The manifests that were read cannot be kept for the next run: ${(error as Error).message}`);
    }
  }
}
