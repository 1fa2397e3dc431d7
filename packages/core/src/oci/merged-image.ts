import type { ByteStream, ContentSource, ManifestBlob } from './content.ts';
import { type Descriptor, type Platform, platformName } from './descriptor.ts';
import { type Digest, digestOf } from './digest.ts';
import { descriptorOf } from './manifest.ts';
import { OCI_INDEX } from './media-types.ts';
import type { ImagePlatform } from './platforms.ts';

/**
 * One index over platforms that were built apart, with the attestations of each. It depends on what is in it and not
 * on the order: platforms by name, then their attestations in the same order, annotations by key.
 */
export function mergedIndex(
  platforms: readonly ImagePlatform[],
  annotations: Readonly<Record<string, string>>,
): ManifestBlob {
  const sorted = platforms.toSorted((a, b) => compare(platformName(a.platform), platformName(b.platform)));
  const images = sorted.map(({ platform, descriptor }) => entry(descriptor, platform));
  const attestations = sorted.flatMap((each) => each.attestations.map((one) => entry(one, UNKNOWN)));
  const pairs = Object.entries(annotations).toSorted(([a], [b]) => compare(a, b));
  const content = {
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [...images, ...attestations],
    ...(pairs.length === 0 ? {} : { annotations: Object.fromEntries(pairs) }),
  };
  const bytes = Buffer.from(JSON.stringify(content, undefined, 2));
  return { mediaType: OCI_INDEX, digest: digestOf(bytes), bytes };
}

const UNKNOWN: Platform = { os: 'unknown', architecture: 'unknown' };

/** In the order in which BuildKit writes the members, so that equal entries are equal bytes. */
function entry({ mediaType, digest, size, annotations, platform }: Descriptor, fallback: Platform): Descriptor {
  return {
    mediaType,
    digest,
    size,
    ...(annotations === undefined ? {} : { annotations }),
    platform: platform ?? fallback,
  };
}

/** By code unit: a locale must not decide about a digest. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** An index that is nowhere stored yet, over content that is. */
export class MergedImage implements ContentSource {
  readonly label: string;
  readonly root: Descriptor;
  readonly #index: ManifestBlob;
  readonly #parts: ContentSource;

  constructor(index: ManifestBlob, parts: ContentSource) {
    this.#index = index;
    this.#parts = parts;
    this.label = parts.label;
    this.root = descriptorOf(index);
  }

  async resolve(reference: string): Promise<Descriptor | undefined> {
    return reference === this.root.digest ? this.root : this.#parts.resolve(reference);
  }

  async manifest(reference: string): Promise<ManifestBlob> {
    return reference === this.root.digest ? this.#index : this.#parts.manifest(reference);
  }

  blob(descriptor: Descriptor): Promise<ByteStream> {
    return this.#parts.blob(descriptor);
  }

  referrers(subject: Digest): Promise<readonly Descriptor[]> {
    return this.#parts.referrers(subject);
  }
}
