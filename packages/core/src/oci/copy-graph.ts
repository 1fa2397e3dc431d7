import { Slots } from '../runtime/slots.ts';
import type { ManifestReceipt } from './content.ts';
import type { CopyPorts } from './copy.ts';
import type { CopyManifest, CopyPlan } from './copy-plan.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';

/** Blobs under way at a time. Each holds a request at both ends, and a host gives no more than 16. */
const BLOBS_AT_A_TIME = 7;

/** Puts the manifests and blobs that a plan misses, each as soon as what it refers to is there. */
export class GraphCopy {
  readonly #plan: CopyPlan;
  readonly #ports: CopyPorts;
  readonly #slots = new Slots(BLOBS_AT_A_TIME);
  readonly #blobs = new Map<Digest, Promise<void>>();
  readonly #manifests = new Map<Digest, Promise<ManifestReceipt | undefined>>();
  readonly #known: ReadonlyMap<Digest, CopyManifest>;

  constructor(plan: CopyPlan, ports: CopyPorts) {
    this.#plan = plan;
    this.#ports = ports;
    this.#known = new Map(plan.manifests.map((manifest) => [manifest.node.descriptor.digest, manifest]));
  }

  /** The referrers that the target does not list by itself, by subject. */
  async run(): Promise<ReadonlyMap<Digest, readonly Digest[]>> {
    const blobs = this.#plan.blobs.map((blob) => this.#putBlob(blob));
    const manifests = this.#plan.manifests.map(({ node }) => this.#putManifest(node.descriptor.digest));
    const ends = await Promise.allSettled([...blobs, ...manifests]);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return this.#unlisted();
  }

  #putBlob(blob: Descriptor): Promise<void> {
    const { source, target, mountFrom, progress } = this.#ports;
    const open = async () => {
      const bytes = await source.blob(blob);
      return progress === undefined ? bytes : progress.count(bytes);
    };
    const from = mountFrom === undefined ? {} : { from: mountFrom };
    const put = this.#slots.run(() => target.putBlob(blob, open, { absent: true, ...from }));
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
    const children = node.children.map((child) => this.#putManifest(child));
    await Promise.all([...children, ...node.blobs.map((blob) => this.#blobs.get(blob.digest))]);
    return this.#ports.target.putManifest(node.blob);
  }

  /** A referrer that was there before, or whose receipt names no subject, may still be missing from every list. */
  async #unlisted(): Promise<ReadonlyMap<Digest, readonly Digest[]>> {
    const found = new Map<Digest, readonly Digest[]>();
    for (const [subject, referrers] of this.#plan.referrers) {
      const receipts = await Promise.all(referrers.map((referrer) => this.#manifests.get(referrer)));
      const unsure = referrers.filter((_referrer, index) => receipts[index]?.subject !== subject);
      if (unsure.length === 0) continue;
      const listed = new Set((await this.#ports.target.referrers(subject)).map((each) => each.digest));
      const missing = unsure.filter((referrer) => !listed.has(referrer));
      if (missing.length > 0) found.set(subject, missing);
    }
    return found;
  }
}
