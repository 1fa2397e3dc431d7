import type { ManifestBlob } from '@plimsoll/core/oci/content';
import { type Digest, digestOf } from '@plimsoll/core/oci/digest';
import { OCI_INDEX, OCI_MANIFEST } from '@plimsoll/core/oci/media-types';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import { blobOf } from './fixtures.ts';

const CONFIG = 'application/vnd.oci.image.config.v1+json';

export interface DatedImage {
  /** What the image differs by. */
  readonly seed: string;
  readonly tags?: readonly string[];
  /** In its configuration, as BuildKit writes it; left out, the image has no date. */
  readonly created?: Date;
  readonly subject?: Digest;
}

/** Pushes to any registry, as a builder would: blobs, manifests, then tags. */
export class DatedImages {
  readonly #repository: Repository;
  readonly #types = new Map<Digest, string>();

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** One image of one platform. */
  async single(image: DatedImage): Promise<Digest> {
    const { seed, created, subject, tags = [] } = image;
    const config = await this.#blob(JSON.stringify({ seed, ...(created && { created: created.toISOString() }) }));
    const layers = [await this.#blob(`layer of ${seed}`)];
    const about = subject && { subject: { mediaType: OCI_MANIFEST, digest: subject, size: 500 } };
    return this.#put(OCI_MANIFEST, { config: { ...config, mediaType: CONFIG }, layers, ...about }, tags);
  }

  /** An index over two platforms and an attestation. */
  async index(image: DatedImage): Promise<{ readonly index: Digest; readonly children: readonly Digest[] }> {
    const { seed, created, tags = [] } = image;
    const children: Digest[] = [];
    for (const part of ['amd64', 'arm64', 'unknown'])
      children.push(await this.single({ seed: `${seed}/${part}`, ...(created && { created }) }));
    return { index: await this.over(children, tags), children };
  }

  /** An index over what is there. */
  over(children: readonly Digest[], tags: readonly string[] = []): Promise<Digest> {
    const platforms = ['amd64', 'arm64', 'unknown'];
    const manifests = children.map((digest, at) => {
      const architecture = platforms[at] ?? 'amd64';
      const platform = { os: architecture === 'unknown' ? 'unknown' : 'linux', architecture };
      return { mediaType: this.#types.get(digest) ?? OCI_MANIFEST, digest, size: 500, platform };
    });
    return this.#put(OCI_INDEX, { manifests, annotations: { tags: tags.join() } }, tags);
  }

  async #blob(text: string) {
    const { descriptor, open } = blobOf(text);
    await this.#repository.putBlob(descriptor, open);
    return descriptor;
  }

  async #put(mediaType: string, content: object, tags: readonly string[]): Promise<Digest> {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }));
    const manifest: ManifestBlob = { mediaType, bytes, digest: digestOf(bytes) };
    await this.#repository.putManifest(manifest);
    this.#types.set(manifest.digest, mediaType);
    for (const tag of tags) await this.#repository.putManifest(manifest, tag);
    return manifest.digest;
  }
}
