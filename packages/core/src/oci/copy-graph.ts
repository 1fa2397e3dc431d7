import { systemClock } from '../runtime/clock.ts';
import { settled } from '../runtime/settled.ts';
import { Slots } from '../runtime/slots.ts';
import { putAccessoryTag } from './accessory-merge.ts';
import { readWhole } from './checked-stream.ts';
import type { ByteStream, ContentSource, ManifestReceipt } from './content.ts';
import type { CopyPorts } from './copy.ts';
import type { CopyManifest, CopyPlan } from './copy-plan.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import { FallbackIndex } from './fallback-index.ts';
import type { AccessoryTag } from './graph.ts';
import { confirmReferrers, type PlacedReferrer } from './referrer-confirmation.ts';
import { referrerDescriptor } from './referrer-discovery.ts';

/** Blobs under way at a time; leaves room at the host, which takes 40 requests, for manifests. */
const BLOBS_AT_A_TIME = 36;
/** Blobs up to this many bytes are read while their upload is being opened. */
const READ_AHEAD = 512 * 1024;

/** Puts the manifests and blobs that a plan misses, each as soon as what it refers to is there. */
export class GraphCopy {
  readonly #plan: CopyPlan;
  readonly #ports: CopyPorts;
  readonly #partNames: ReadonlyMap<Digest, string>;
  readonly #slots = new Slots(BLOBS_AT_A_TIME);
  readonly #blobs = new Map<Digest, Promise<void>>();
  readonly #manifests = new Map<Digest, Promise<ManifestReceipt | undefined>>();
  readonly #known: ReadonlyMap<Digest, CopyManifest>;
  /** Fallback tags that are written and are being read back. */
  readonly #proofs: Promise<void>[] = [];
  /** The target has said that it lists referrers itself. */
  #lists = false;

  /** @param parts - of blobs, for the progress */
  constructor(plan: CopyPlan, ports: CopyPorts, parts: ReadonlyMap<Digest, string>) {
    this.#plan = plan;
    this.#ports = ports;
    this.#partNames = parts;
    this.#known = new Map(plan.manifests.map((manifest) => [manifest.node.descriptor.digest, manifest]));
  }

  /**
   * The root goes last: an image is never there without its evidence.
   * @returns what the target said when it took the root; nothing where that was there before
   */
  async run(): Promise<ManifestReceipt | undefined> {
    const root = this.#plan.root.digest;
    try {
      const blobs = this.#evidenceFirst().map((blob) => this.#putBlob(blob));
      const others = [...this.#known.keys()].filter((digest) => digest !== root);
      const manifests = others.map((digest) => this.#putManifest(digest));
      const tags = this.#plan.tags.map((tag) => this.#putTag(tag));
      const records = this.#each((subject, digests) => this.#record(subject, digests));
      await settled([...blobs, ...manifests, ...tags, ...records]);
      await settled([this.#putManifest(root), ...this.#proofs]);
      await settled(this.#each((subject, digests) => this.#confirm(subject, digests, 'list')));
      return await this.#putManifest(root);
    } finally {
      await Promise.allSettled(this.#proofs);
    }
  }

  #each<T>(work: (subject: Digest, referrers: readonly Digest[]) => T): T[] {
    return [...this.#plan.referrers].map(([subject, digests]) => work(subject, digests));
  }

  /** What hangs on the image is small, and its records take the most round trips. */
  #evidenceFirst(): readonly Descriptor[] {
    const hung = new Set([...this.#plan.referrers.values()].flat());
    const nodes = [...this.#known.values()].filter(({ node }) => hung.has(node.descriptor.digest));
    const first = new Set(nodes.flatMap(({ node }) => node.blobs.map(({ digest }) => digest)));
    return this.#plan.blobs.toSorted((a, b) => Number(first.has(b.digest)) - Number(first.has(a.digest)));
  }

  /**
   * Makes sure that referrers can be found. A fallback tag is written before the subject is there, while
   * layers are still under way; a registry that lists referrers itself can be asked only once it knows the subject.
   */
  async #record(subject: Digest, digests: readonly Digest[]): Promise<void> {
    if (this.#plan.published) return this.#confirm(subject, digests, 'tag');
    const { target, clock = systemClock } = this.#ports;
    const index = new FallbackIndex(target, subject, clock);
    await Promise.race(digests.map((digest) => this.#parts(digest)));
    if (!this.#lists) index.look();
    const due = (await this.#placed(digests)).filter((placed) => !isListed(placed, subject));
    if (due.length === 0) return;
    const { written, proven } = index.addFirst(due.map(({ manifest }) => referrerDescriptor(manifest)));
    this.#proofs.push(proven);
    await written;
  }

  async #confirm(subject: Digest, digests: readonly Digest[], how: 'tag' | 'list'): Promise<void> {
    const placed = await this.#placed(digests);
    const due = placed.filter((one) => isListed(one, subject) === (how === 'list'));
    if (due.length === 0) return;
    const { target, clock = systemClock } = this.#ports;
    await confirmReferrers(target, { digest: subject, clock }, due);
  }

  async #putTag(tag: AccessoryTag): Promise<void> {
    await this.#putManifest(tag.digest);
    const manifest = this.#known.get(tag.digest)?.node.blob;
    if (manifest !== undefined) await putAccessoryTag(this.#ports.target, tag.name, manifest);
  }

  #putBlob(blob: Descriptor): Promise<void> {
    const { source, target, mountFrom, progress } = this.#ports;
    const from = mountFrom === undefined ? {} : { from: mountFrom };
    const part = this.#partNames.get(blob.digest);
    const count = progress === undefined ? {} : { count: (bytes: ByteStream) => progress.count(bytes, part) };
    const put = this.#slots.run(() => {
      const open =
        blob.size <= READ_AHEAD && mountFrom === undefined ? readAhead(source, blob) : () => source.blob(blob);
      return target.putBlob(blob, open, { absent: true, ...from, ...count });
    });
    this.#blobs.set(blob.digest, put);
    return put;
  }

  #putManifest(digest: Digest): Promise<ManifestReceipt | undefined> {
    const started = this.#manifests.get(digest);
    if (started !== undefined) return started;
    const put = this.#put(digest);
    this.#manifests.set(digest, put);
    return put;
  }

  async #put(digest: Digest): Promise<ManifestReceipt | undefined> {
    const { node, present } = this.#known.get(digest) ?? {};
    if (node === undefined || present === true) return undefined;
    await this.#parts(digest);
    const receipt = await this.#ports.target.putManifest(node.blob);
    this.#lists ||= receipt.subject !== undefined;
    return receipt;
  }

  /** What a manifest refers to. */
  async #parts(digest: Digest): Promise<void> {
    const { children = [], blobs = [] } = this.#known.get(digest)?.node ?? {};
    await Promise.all([
      ...children.map((child) => this.#putManifest(child)),
      ...blobs.map((blob) => this.#blobs.get(blob.digest)),
    ]);
  }

  async #placed(referrers: readonly Digest[]): Promise<readonly PlacedReferrer[]> {
    const placed: PlacedReferrer[] = [];
    for (const digest of referrers) {
      const manifest = this.#known.get(digest)?.node.blob;
      const receipt = await this.#manifests.get(digest);
      if (manifest !== undefined) placed.push({ manifest, ...(receipt === undefined ? {} : { receipt }) });
    }
    return placed;
  }
}

/** Whether the target lists it itself. */
function isListed({ receipt }: PlacedReferrer, subject: Digest): boolean {
  return receipt?.subject === subject;
}

/** The first to open gets what was read since now; a retry reads anew. */
function readAhead(source: ContentSource, blob: Descriptor): () => Promise<ByteStream> {
  let ahead: Promise<ByteStream> | undefined = source.blob(blob).then(readWhole);
  // Whoever opens is told; a blob that turns out to be there is never opened.
  ahead.catch(() => {});
  return () => {
    const reading = ahead ?? source.blob(blob);
    ahead = undefined;
    return reading;
  };
}
