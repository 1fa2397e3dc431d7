import { stat } from 'node:fs/promises';
import { accessorySubject } from './accessory-tag.ts';
import type { ByteStream, ContentSource, ManifestBlob } from './content.ts';
import type { Descriptor } from './descriptor.ts';
import { type Digest, isDigest } from './digest.ts';
import {
  blobPath,
  damaged,
  invalidLayout,
  layoutBlob,
  layoutEntries,
  layoutManifest,
  REF_NAME,
} from './layout-files.ts';
import { discoverReferrers, type KnownTags } from './referrer-discovery.ts';

/**
 * Opens an OCI image layout directory (image-spec, image-layout.md) that holds exactly one image. Entries whose name
 * says that they belong to a manifest, such as `sha256-<hex>`, are what hangs on the image.
 *
 * @throws PlimsollError `layout-invalid` when it is not one, or its index names no or several roots
 */
export async function openLayout(directory: string): Promise<Layout> {
  const entries = await layoutEntries(directory);
  const roots = entries.filter((entry) => !isAccessory(entry));
  const [root] = roots;
  if (root !== undefined && roots.length === 1) return new Layout(directory, root, entries.filter(isAccessory));
  throw invalidLayout(`${directory} has ${roots.length} roots in index.json where exactly one is due`);
}

/** An image in a directory. Every byte that is read is checked against the digest and size that name it. */
export class Layout implements ContentSource {
  readonly directory: string;
  /** The entry of `index.json` that is the image. */
  readonly root: Descriptor;
  readonly #named: ReadonlyMap<string, Descriptor>;

  constructor(directory: string, root: Descriptor, accessories: readonly Descriptor[] = []) {
    this.directory = directory;
    this.root = root;
    this.#named = new Map([root, ...accessories].map((entry) => [nameOf(entry), entry]));
  }

  get label(): string {
    return this.directory;
  }

  async resolve(reference: string): Promise<Descriptor | undefined> {
    if (reference === this.root.digest) return this.root;
    const named = this.#named.get(reference);
    if (named !== undefined) return named;
    if (!isDigest(reference) || !(await exists(this.directory, reference))) return undefined;
    const { mediaType, bytes } = await this.manifest(reference);
    return { mediaType, digest: reference, size: bytes.length };
  }

  async manifest(reference: string): Promise<ManifestBlob> {
    const digest = this.#named.get(reference)?.digest ?? reference;
    if (!isDigest(digest)) throw invalidLayout(`${this.directory} has no "${reference}"`);
    const isRoot = digest === this.root.digest;
    const found = await layoutManifest(this.directory, digest, isRoot ? this.root.mediaType : undefined);
    if (isRoot && found.bytes.length !== this.root.size) throw damaged(this.directory, digest);
    return found;
  }

  /** Like {@link manifest}, but `undefined` where there is none. */
  async findManifest(reference: string): Promise<ManifestBlob | undefined> {
    const there = this.#named.has(reference) || (isDigest(reference) && (await exists(this.directory, reference)));
    return there ? this.manifest(reference) : undefined;
  }

  blob(descriptor: Descriptor): Promise<ByteStream> {
    return layoutBlob(this.directory, descriptor);
  }

  /** What fallback tags list. BuildKit's layouts have none: they carry their attestations inside the index. */
  referrers(subject: Digest, tags?: KnownTags): Promise<readonly Descriptor[]> {
    return discoverReferrers(this, subject, { now: true, ...(tags?.seen === undefined ? {} : { seen: tags.seen }) });
  }

  listedReferrers(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** Never none: the image itself counts by its digest when it has no name. */
  tags(): Promise<readonly string[]> {
    return Promise.resolve([...this.#named.keys()]);
  }
}

function nameOf({ annotations, digest }: Descriptor): string {
  return annotations?.[REF_NAME] ?? digest;
}

function isAccessory(entry: Descriptor): boolean {
  return accessorySubject(nameOf(entry)) !== undefined;
}

async function exists(directory: string, digest: Digest): Promise<boolean> {
  return (await stat(blobPath(directory, digest)).catch(() => undefined)) !== undefined;
}
