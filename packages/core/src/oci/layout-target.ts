import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PlimsollError } from '../runtime/errors.ts';
import { checkedStream } from './checked-stream.ts';
import type { ByteStream, CopyTarget, ManifestBlob, ManifestReceipt, PutBlobOptions } from './content.ts';
import type { Descriptor } from './descriptor.ts';
import { type Digest, isDigest } from './digest.ts';
import { blobPath, layoutBlob, layoutEntries, layoutManifest, REF_NAME } from './layout-files.ts';
import { descriptorOf } from './manifest.ts';
import { discoverReferrers, type KnownTags, recordedReferrers } from './referrer-discovery.ts';
import { WholeBlob } from './whole-blob.ts';

/**
 * Opens a directory to copy images into: a layout that is there, or a new one in an empty or missing directory.
 *
 * @throws PlimsollError `layout-invalid` when there is something else
 */
export async function layoutTarget(directory: string): Promise<LayoutTarget> {
  const found = await readdir(directory).catch(() => []);
  if (found.length > 0) return new LayoutTarget(directory, await layoutEntries(directory));
  await mkdir(path.join(directory, 'blobs', 'sha256'), { recursive: true });
  await writeFile(path.join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const target = new LayoutTarget(directory, []);
  await target.save();
  return target;
}

/**
 * A layout directory that is written to (image-spec, image-layout.md). Files appear whole or not at all. Tags are
 * names in `index.json`; what refers to a manifest stands under its fallback tag, as in a registry that lists no
 * referrers, where regctl looks for it too.
 */
export class LayoutTarget implements CopyTarget {
  readonly directory: string;
  readonly #named: Map<string, Descriptor>;
  #saving: Promise<void> = Promise.resolve();

  constructor(directory: string, entries: readonly Descriptor[]) {
    this.directory = directory;
    this.#named = new Map(entries.map((entry) => [entry.annotations?.[REF_NAME] ?? entry.digest, entry]));
  }

  get label(): string {
    return this.directory;
  }

  async resolve(reference: string): Promise<Descriptor | undefined> {
    const found = await this.findManifest(reference);
    return found === undefined ? undefined : descriptorOf(found);
  }

  look(reference: string): Promise<Descriptor | undefined> {
    return this.resolve(reference);
  }

  async manifest(reference: string): Promise<ManifestBlob> {
    const found = await this.findManifest(reference);
    if (found !== undefined) return found;
    throw new PlimsollError('registry-not-found', `${this.directory} has no ${reference}`, {
      hint: 'Copy it there first, or give a name that index.json has.',
    });
  }

  async findManifest(reference: string): Promise<ManifestBlob | undefined> {
    const named = this.#named.get(reference);
    const digest = named?.digest ?? reference;
    if (!isDigest(digest) || !(await this.#has(digest))) return undefined;
    return layoutManifest(this.directory, digest, named?.mediaType);
  }

  blob(descriptor: Descriptor): Promise<ByteStream> {
    return layoutBlob(this.directory, descriptor);
  }

  referrers(subject: Digest, tags?: KnownTags): Promise<readonly Descriptor[]> {
    return discoverReferrers(this, subject, tags);
  }

  recorded(subject: Digest, wanted: readonly Digest[]): Promise<ReadonlySet<Digest>> {
    return recordedReferrers(this, subject, wanted);
  }

  listedReferrers(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  tags(): Promise<readonly string[]> {
    return Promise.resolve([...this.#named.keys()].filter((name) => !isDigest(name)));
  }

  async hasBlob({ digest, size }: Descriptor): Promise<boolean> {
    return (await stat(blobPath(this.directory, digest)).catch(() => undefined))?.size === size;
  }

  async putBlob(descriptor: Descriptor, open: () => Promise<ByteStream>, options: PutBlobOptions = {}): Promise<void> {
    const { count = (bytes) => bytes } = options;
    if (await this.hasBlob(descriptor)) return;
    const bytes = checkedStream(await open(), descriptor, this.directory);
    await this.#write(blobPath(this.directory, descriptor.digest), count(bytes));
  }

  /** Under its digest it is a blob like others; only what has a name, or is listed by {@link list}, is an entry. */
  async putManifest(manifest: ManifestBlob, reference: string = manifest.digest): Promise<ManifestReceipt> {
    if (!(await this.hasBlob(descriptorOf(manifest))))
      await this.#write(blobPath(this.directory, manifest.digest), new WholeBlob(manifest.bytes));
    if (!isDigest(reference)) {
      this.#named.set(reference, { ...descriptorOf(manifest), annotations: { [REF_NAME]: reference } });
      await this.save();
    }
    return {};
  }

  /** Makes a manifest that has no name an entry of `index.json`. */
  async list(root: Descriptor): Promise<void> {
    if ([...this.#named.values()].some(({ digest }) => digest === root.digest)) return;
    const { mediaType, digest, size } = root;
    this.#named.set(digest, { mediaType, digest, size });
    await this.save();
  }

  /** Writes `index.json`; of calls at the same time each sees its own entry in it when it returns. */
  save(): Promise<void> {
    this.#saving = this.#saving
      .catch(() => {})
      .then(() => {
        const index = { schemaVersion: 2, manifests: [...this.#named.values()] };
        return this.#write(path.join(this.directory, 'index.json'), new WholeBlob(Buffer.from(JSON.stringify(index))));
      });
    return this.#saving;
  }

  async #has(digest: Digest): Promise<boolean> {
    return (await stat(blobPath(this.directory, digest)).catch(() => undefined)) !== undefined;
  }

  async #write(file: string, bytes: ByteStream): Promise<void> {
    const unfinished = `${file}.${randomUUID()}`;
    try {
      await mkdir(path.dirname(file), { recursive: true });
      await pipeline(bytes, createWriteStream(unfinished));
      await rename(unfinished, file);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw isFull(error) ? full(this.directory, error) : error;
    }
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

function full(directory: string, cause: unknown): PlimsollError {
  return new PlimsollError('disk-full', `There is no space left for ${directory}`, {
    hint: 'Give a directory on a larger disk; what is complete there is not copied again.',
    cause,
  });
}
