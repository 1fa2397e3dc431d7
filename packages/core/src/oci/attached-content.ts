import type { ByteStream, ContentSource, ManifestBlob, RootedContent } from './content.ts';
import type { Descriptor } from './descriptor.ts';
import { type Digest, digestOf } from './digest.ts';
import { referrerDescriptor } from './referrer-discovery.ts';
import { NOTHING, type ReferrerManifest, referrerManifest } from './referrers.ts';
import { WholeBlob } from './whole-blob.ts';

/** Something that is to hang on a manifest of an image. */
export interface Attachment {
  readonly subject: Descriptor;
  readonly referrer: ReferrerManifest;
}

/** Of the manifest that an attachment becomes. */
export function attachmentDigest({ subject, referrer }: Attachment): Digest {
  return referrerManifest(subject, referrer).digest;
}

/**
 * An image together with what is to hang on it, so that one copy carries both: the evidence goes up while layers are
 * still under way. What hangs on it where it comes from is not looked at.
 */
export class AttachedContent implements RootedContent {
  readonly label: string;
  readonly root: Descriptor;
  readonly #image: ContentSource;
  readonly #manifests = new Map<string, ManifestBlob>();
  readonly #blobs = new Map<Digest, Buffer>();
  readonly #referrers = new Map<Digest, Descriptor[]>();

  constructor(image: RootedContent, attachments: readonly Attachment[]) {
    this.label = image.label;
    this.root = image.root;
    this.#image = image;
    for (const attachment of attachments) this.#add(attachment);
  }

  async resolve(reference: string): Promise<Descriptor | undefined> {
    const own = this.#manifests.get(reference);
    return own === undefined ? this.#image.resolve(reference) : referrerDescriptor(own);
  }

  async manifest(reference: string): Promise<ManifestBlob> {
    return this.#manifests.get(reference) ?? this.#image.manifest(reference);
  }

  async blob(descriptor: Descriptor): Promise<ByteStream> {
    const own = this.#blobs.get(descriptor.digest);
    return own === undefined ? this.#image.blob(descriptor) : new WholeBlob(own);
  }

  async referrers(subject: Digest): Promise<readonly Descriptor[]> {
    return this.#referrers.get(subject) ?? [];
  }

  #add({ subject, referrer }: Attachment): void {
    const manifest = referrerManifest(subject, referrer);
    const contents = [NOTHING, ...referrer.blobs.map(({ bytes }) => bytes)];
    for (const bytes of contents) this.#blobs.set(digestOf(bytes), bytes);
    this.#manifests.set(manifest.digest, manifest);
    const others = this.#referrers.get(subject.digest) ?? [];
    this.#referrers.set(subject.digest, [...others, referrerDescriptor(manifest)]);
  }
}
