import { settled } from '../runtime/settled.ts';
import { Slots } from '../runtime/slots.ts';
import type { ByteStream, ManifestReceipt } from './content.ts';
import type { CopyPorts } from './copy.ts';
import type { CopyManifest, CopyPlan } from './copy-plan.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import type { PlacedReferrer } from './referrer-confirmation.ts';

/** Blobs under way at a time; leaves room at the host, which takes 16 requests, for manifests. */
const BLOBS_AT_A_TIME = 12;

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

  /** The root goes last: an image is never there without its evidence. Gives what was placed, by subject. */
  async run(): Promise<ReadonlyMap<Digest, readonly PlacedReferrer[]>> {
    const root = this.#plan.root.digest;
    const blobs = this.#plan.blobs.map((blob) => this.#putBlob(blob));
    const others = [...this.#known.keys()].filter((digest) => digest !== root);
    await settled([...blobs, ...others.map((digest) => this.#putManifest(digest))]);
    await this.#putManifest(root);
    const found = new Map<Digest, readonly PlacedReferrer[]>();
    for (const [subject, referrers] of this.#plan.referrers) found.set(subject, await this.#placed(referrers));
    return found;
  }

  #putBlob(blob: Descriptor): Promise<void> {
    const { source, target, mountFrom, progress } = this.#ports;
    const from = mountFrom === undefined ? {} : { from: mountFrom };
    const count = progress === undefined ? {} : { count: (bytes: ByteStream) => progress.count(bytes) };
    const put = this.#slots.run(() =>
      target.putBlob(blob, () => source.blob(blob), { absent: true, ...from, ...count }),
    );
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
