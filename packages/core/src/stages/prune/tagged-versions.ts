import type { Deletion, PackageInfo, VersionsPage } from '../../github/packages.ts';
import type { ManifestBlob } from '../../oci/content.ts';
import { type Digest, hexOf } from '../../oci/digest.ts';
import type { PackageVersion } from '../../policy/retention-rules.ts';
import { mapConcurrently } from '../../runtime/concurrent.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { type Edge, isLeaf, readEdges } from './edges.ts';
import { ageClue, configDate } from './image-age.ts';
import type { Manners } from './manners.ts';
import type { VersionName, VersionStore } from './ports.ts';
import type { ManifestCache } from './reader.ts';
import type { ContentStore, TagEntry, TagSource } from './tag-source.ts';

const PARALLEL_READS = 16;
/** 52 bits: a number that JSON and JavaScript keep exact. */
const ID_DIGITS = 13;

/**
 * The versions of a repository whose registry lists tags only: the tagged ones, and what is found below them. Untagged
 * manifests that nothing names are not seen, and so never deleted.
 */
export class TaggedVersions implements VersionStore {
  readonly wanted = new Set<Digest>();
  reads = 0;
  readonly #source: TagSource;
  readonly #content: ContentStore;
  readonly #now: () => Date;
  #cache: ManifestCache = new Map<Digest, ManifestBlob>();
  #tags: ReadonlyMap<string, Digest> = new Map();
  readonly #byId = new Map<number, Digest>();

  constructor(source: TagSource, { content, now }: { readonly content: ContentStore; readonly now: () => Date }) {
    this.#source = source;
    this.#content = content;
    this.#now = now;
  }

  get manners(): Manners {
    return this.#source.manners;
  }

  get notes(): readonly string[] {
    return this.#source.notes ?? [];
  }

  useCache(cache: ManifestCache): void {
    this.#cache = cache;
  }

  info(): Promise<PackageInfo> {
    return Promise.resolve({});
  }

  /** Everything is one page; of what was deleted no registry keeps a list. */
  async page(_page: number, state: 'active' | 'deleted'): Promise<VersionsPage> {
    return { versions: state === 'active' ? await this.#everything() : [], last: 1 };
  }

  /** With the tags that it has now, those among them that were elsewhere when the item was listed. */
  async version(item: VersionName): Promise<PackageVersion | undefined> {
    const moved = [...this.#tags].flatMap(([tag, digest]) => (digest === item.digest ? [tag] : []));
    const names = [...new Set([...item.tags, ...moved])];
    const places = await mapConcurrently(names, PARALLEL_READS, (tag) => this.#source.locate(tag));
    const tags = names.filter((_tag, at) => places[at] === item.digest);
    if (tags.length === 0 && !(await this.#content.has(item.digest))) return undefined;
    return { ...item, tags, createdAt: this.#now().getTime() };
  }

  delete(item: VersionName): Promise<Deletion> {
    return this.#source.delete(item);
  }

  restore(item: VersionName, manifest?: ManifestBlob): Promise<boolean> {
    return this.#source.restore(item, manifest);
  }

  async revive(item: VersionName): Promise<void> {
    await this.#source.revive?.(item);
  }

  /** Referrers, their referrers, and what those consist of. */
  async related(digests: readonly Digest[]): Promise<readonly PackageVersion[]> {
    const found = new Map<Digest, PackageVersion>();
    const asked = new Set<Digest>();
    for (let next = digests; next.length > 0; ) {
      for (const digest of next) asked.add(digest);
      const lists = await mapConcurrently(next, PARALLEL_READS, async (digest) => this.#source.referrers?.(digest));
      const parts = lists.flatMap((list) => list ?? []).map((one) => this.#part(one, this.#now().getTime()));
      for (const part of parts) found.set(part.digest, part);
      for (const part of await this.#below(parts)) found.set(part.digest, part);
      next = [...found.keys()].filter((digest) => !asked.has(digest));
    }
    return [...found.values()];
  }

  async #everything(): Promise<readonly PackageVersion[]> {
    const entries = await this.#source.list();
    this.#tags = new Map(entries.map(({ tag, digest }) => [tag, digest]));
    const byDigest = new Map<Digest, TagEntry[]>();
    for (const entry of entries) byDigest.set(entry.digest, [...(byDigest.get(entry.digest) ?? []), entry]);
    const roots = await mapConcurrently([...byDigest.values()], PARALLEL_READS, (group) => this.#root(group));
    const tagged = roots.filter((root) => root !== undefined);
    const known = new Set(tagged.map(({ digest }) => digest));
    return [...tagged, ...(await this.#below(tagged)).filter(({ digest }) => !known.has(digest))];
  }

  /** `undefined` for a tag on something that is not there. */
  async #root(group: readonly TagEntry[]): Promise<PackageVersion | undefined> {
    const [first] = group;
    const blob = first && (await this.#manifest(first.digest));
    if (blob === undefined) return undefined;
    const { digest } = blob;
    const held = group.find((entry) => entry.held !== undefined)?.held;
    const set = group.flatMap((entry) => entry.setAt ?? []);
    const at = set.length > 0 ? Math.max(...set) : await this.#ageOf(blob);
    const age = at === undefined ? { createdAt: this.#now().getTime(), ageless: true as const } : { createdAt: at };
    return { id: this.#idOf(digest), digest, tags: group.map(({ tag }) => tag), ...age, ...(held && { held }) };
  }

  /** What these consist of, at any depth. */
  async #below(tops: readonly PackageVersion[]): Promise<readonly PackageVersion[]> {
    const found = new Map<Digest, PackageVersion>();
    let next = tops;
    while (next.length > 0) {
      const lists = await mapConcurrently(next, PARALLEL_READS, (top) => this.#children(top));
      const fresh = lists.flat().filter(({ edge }) => !found.has(edge.digest));
      for (const { edge, of } of fresh) found.set(edge.digest, this.#part(edge, of.createdAt));
      next = fresh.flatMap(({ edge }) => (isLeaf(edge) ? [] : (found.get(edge.digest) ?? [])));
    }
    return [...found.values()];
  }

  async #children(of: PackageVersion): Promise<readonly { readonly edge: Edge; readonly of: PackageVersion }[]> {
    const blob = await this.#manifest(of.digest);
    return blob === undefined ? [] : readEdges(blob).children.map((edge) => ({ edge, of }));
  }

  #part({ digest }: Pick<Edge, 'digest'>, createdAt: number): PackageVersion {
    return { id: this.#idOf(digest), digest, tags: [], createdAt, part: true };
  }

  async #ageOf(blob: ManifestBlob, depth = 0): Promise<number | undefined> {
    const clue = ageClue(blob);
    if (clue === undefined || 'at' in clue) return clue?.at;
    if (clue.in === 'config') return this.#configDate(clue.of);
    const child = depth < 2 ? await this.#manifest(clue.of.digest) : undefined;
    return child && this.#ageOf(child, depth + 1);
  }

  async #configDate(config: Parameters<ContentStore['config']>[0]): Promise<number | undefined> {
    const { digest, mediaType } = config;
    const bytes = this.#cache.get(digest)?.bytes ?? (await this.#content.config(config));
    if (bytes === undefined) return undefined;
    this.#keep({ digest, mediaType, bytes });
    return configDate(bytes);
  }

  async #manifest(digest: Digest): Promise<ManifestBlob | undefined> {
    const known = this.#cache.get(digest);
    const blob = known ?? (await this.#content.manifest(digest));
    if (blob !== undefined) this.#keep(blob);
    return blob;
  }

  #keep(blob: ManifestBlob): void {
    this.wanted.add(blob.digest);
    if (this.#cache.get(blob.digest) !== undefined) return;
    this.reads += 1;
    // What the network gave may be a small part of a large buffer.
    this.#cache.set(blob.digest, { ...blob, bytes: Buffer.from(blob.bytes) });
  }

  #idOf(digest: Digest): number {
    const id = Number.parseInt(hexOf(digest).slice(0, ID_DIGITS), 16);
    const other = this.#byId.get(id) ?? digest;
    this.#byId.set(id, other);
    if (other === digest) return id;
    throw new PlimsollError('inventory-incomplete', `${digest} and ${other} begin alike and cannot be told apart`, {
      hint: 'Nothing was deleted. Delete one of the two by hand.',
    });
  }
}
