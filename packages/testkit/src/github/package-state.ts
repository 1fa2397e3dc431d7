import { createHash } from 'node:crypto';

/** One version as GitHub keeps it. Deletion is soft for 30 days. */
export interface StoredVersion {
  readonly id: number;
  readonly digest: string;
  /** Milliseconds since 1970; pushing the digest again or tagging it changes neither. */
  readonly createdAt: number;
  readonly tags: Set<string>;
  deletedAt?: number;
  /** The tags it had when it was deleted. */
  tagsAtDeletion: readonly string[];
  downloads: number;
}

export interface StoredManifest {
  readonly bytes: Buffer;
  readonly mediaType: string;
}

export interface PackageOptions {
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly now?: () => number;
  /** Whether a restored version has its tags again; GitHub does not document it. Default true. */
  readonly restoreTags?: boolean;
}

/** Why GitHub will not delete a version, in its own words. */
export const REFUSALS = {
  lastTagged: 'You cannot delete the last tagged version of a package. You must delete the package instead.',
  downloads:
    'Publicly visible package versions with more than 5000 downloads cannot be deleted. Contact GitHub support for further assistance.',
} as const;

const RESTORABLE = 30 * 86_400_000;
const MOST_DOWNLOADS = 5_000;

/** What one container package holds, behind both its REST and its registry plane. No I/O. */
export class PackageState {
  readonly versions = new Map<number, StoredVersion>();
  readonly manifests = new Map<string, StoredManifest>();
  readonly tags = new Map<string, string>();
  /** What was pushed to the registry plane; manifests that a test made name blobs that nobody has. */
  readonly blobs = new Map<string, Buffer>();
  visibility: 'public' | 'private' = 'private';
  readonly #live = new Map<string, StoredVersion>();
  /** The list, until the next change of it. */
  #sorted: readonly StoredVersion[] | undefined;
  #nextId = 1_200_000_001;
  readonly #now: () => number;
  readonly #restoreTags: boolean;

  constructor({ now = Date.now, restoreTags = true }: PackageOptions = {}) {
    this.#now = now;
    this.#restoreTags = restoreTags;
  }

  /** Stores a manifest; a digest that is not live becomes a new version, and a live one stays as old as it is. */
  push(bytes: Buffer, mediaType: string, tags: readonly string[] = []): string {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    this.record(digest, { bytes, mediaType });
    for (const tag of tags) this.tag(tag, digest);
    return digest;
  }

  record(digest: string, manifest: StoredManifest): void {
    this.manifests.set(digest, manifest);
    if (this.#live.has(digest)) return;
    const id = this.#nextId++;
    const version: StoredVersion = {
      id,
      digest,
      createdAt: this.#now(),
      tags: new Set(),
      tagsAtDeletion: [],
      downloads: 0,
    };
    this.versions.set(id, version);
    this.#sorted = undefined;
    this.#live.set(digest, version);
  }

  /** Moves a tag; the version that had it keeps its other tags, or becomes untagged. */
  tag(tag: string, digest: string): void {
    const version = this.#live.get(digest);
    if (version === undefined) throw new Error(`${digest} is not in the package`);
    const before = this.tags.get(tag);
    if (before !== undefined) this.#live.get(before)?.tags.delete(tag);
    this.tags.set(tag, digest);
    version.tags.add(tag);
  }

  /** Takes a tag away, which GitHub cannot do. */
  untag(tag: string): boolean {
    this.#live.get(this.tags.get(tag) ?? '')?.tags.delete(tag);
    return this.tags.delete(tag);
  }

  live(digest: string): StoredVersion | undefined {
    return this.#live.get(digest);
  }

  /** Live versions, newest first. */
  list(): StoredVersion[] {
    this.#sorted ??= [...this.#live.values()].toSorted((a, b) => b.id - a.id);
    return [...this.#sorted];
  }

  get count(): number {
    return this.#live.size;
  }

  deleted(): StoredVersion[] {
    return [...this.versions.values()].filter((one) => one.deletedAt !== undefined).toSorted((a, b) => b.id - a.id);
  }

  /** Soft-deletes one version; its children stay. */
  delete(id: number): 'deleted' | 'missing' | keyof typeof REFUSALS {
    const version = this.versions.get(id);
    if (version === undefined || version.deletedAt !== undefined) return 'missing';
    if (this.visibility === 'public' && version.downloads > MOST_DOWNLOADS) return 'downloads';
    const others = () => [...this.#live.values()].some((one) => one !== version && one.tags.size > 0);
    if (version.tags.size > 0 && !others()) return 'lastTagged';
    version.deletedAt = this.#now();
    version.tagsAtDeletion = [...version.tags];
    for (const tag of version.tags) this.tags.delete(tag);
    version.tags.clear();
    this.#sorted = undefined;
    this.#live.delete(version.digest);
    return 'deleted';
  }

  /** False when there is nothing to restore: never deleted, deleted too long ago, or the digest is live again. */
  restore(id: number): boolean {
    const version = this.versions.get(id);
    if (version?.deletedAt === undefined || this.#live.has(version.digest)) return false;
    if (this.#now() - version.deletedAt > RESTORABLE) return false;
    delete version.deletedAt;
    this.#sorted = undefined;
    this.#live.set(version.digest, version);
    if (this.#restoreTags)
      for (const tag of version.tagsAtDeletion) if (!this.tags.has(tag)) this.tag(tag, version.digest);
    return true;
  }

  /** Live tagged versions that lack something below them, as `tag -> digest`; what a user would see as a broken image. */
  broken(): string[] {
    return [...this.tags].flatMap(([tag, digest]) =>
      this.missingBelow(digest).map((missing) => `${tag} -> ${missing}`),
    );
  }

  /** Digests that are named by this one, at any depth, and are not live. */
  missingBelow(root: string): string[] {
    const seen = new Set<string>([root]);
    const missing: string[] = [];
    for (const digest of seen) {
      if (!this.#live.has(digest)) missing.push(digest);
      for (const child of this.#live.has(digest) ? this.childrenOf(digest) : []) seen.add(child);
    }
    return missing;
  }

  childrenOf(digest: string): string[] {
    const content: unknown = JSON.parse(this.manifests.get(digest)?.bytes.toString('utf8') ?? '{}');
    const { manifests } = content as { manifests?: readonly { digest: string }[] };
    return (manifests ?? []).map((child) => child.digest);
  }
}
