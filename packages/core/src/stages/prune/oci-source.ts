import type { Deletion } from '../../github/packages.ts';
import type { ManifestBlob } from '../../oci/content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { RepositoryName } from '../../oci/reference.ts';
import type { Registries } from '../../oci/registry/registries.ts';
import type { Repository } from '../../oci/registry/repository.ts';
import { mapConcurrently } from '../../runtime/concurrent.ts';
import { isFailure } from '../../runtime/errors.ts';
import { type Manners, sizedBatch } from './manners.ts';
import type { VersionName } from './ports.ts';
import { resolveTags } from './unlisted-tags.ts';
import type { ContentStore, TagEntry, TagSource } from './tag-source.ts';

const PARALLEL = 16;
const LARGEST_CONFIG = 8 * 1024 * 1024;

const OCI_MANNERS: Omit<Manners, 'batch'> = {
  service: 'the registry',
  listsAll: false,
  restoresBy: 'push',
  restorable: 'until the registry collects its garbage',
};

/** Any registry that implements the OCI distribution specification 1.1 with `DELETE`. */
export class OciSource implements TagSource {
  readonly #fresh: () => Repository;
  readonly #writable: () => Repository;
  #tags = 0;

  constructor(registries: Registries, name: RepositoryName) {
    // A repository remembers what it read; whether something is there now, only a new one can tell.
    this.#fresh = () => registries.repository(name);
    this.#writable = () => registries.repository(name, 'delete');
  }

  get manners(): Manners {
    return { ...OCI_MANNERS, batch: sizedBatch(this.#tags) };
  }

  async list(): Promise<readonly TagEntry[]> {
    const repository = this.#fresh();
    const places = await resolveTags(await repository.tags(), repository);
    this.#tags = places.size;
    return [...places].map(([tag, digest]) => ({ tag, digest }));
  }

  async locate(tag: string): Promise<Digest | undefined> {
    return (await this.#fresh().look(tag))?.digest;
  }

  referrers(digest: Digest): Promise<readonly Descriptor[] | undefined> {
    return this.#fresh().listedReferrers(digest);
  }

  /** By digest, which takes the tags along; a registry that leaves one behind is told to delete that too. */
  async delete({ digest, tags }: VersionName): Promise<Deletion> {
    const repository = this.#writable();
    try {
      if (!(await repository.deleteManifest(digest))) return { is: 'gone' };
      await mapConcurrently(tags, PARALLEL, async (tag) => {
        if ((await repository.look(tag))?.digest === digest) await repository.deleteManifest(tag);
      });
      return { is: 'deleted' };
    } catch (error) {
      if (isFailure(error, 'registry-rejected', 'tag-immutable')) return { is: 'refused', reason: error.message };
      throw error;
    }
  }

  /** Its blobs stay until the registry collects its garbage, so pushing the manifest brings it back. */
  async restore({ digest }: VersionName, manifest: ManifestBlob | undefined): Promise<boolean> {
    const repository = this.#writable();
    if ((await repository.look(digest)) !== undefined) return true;
    if (manifest === undefined) return false;
    try {
      await repository.putManifest(manifest);
      return true;
    } catch (error) {
      if (isFailure(error, 'registry-rejected', 'registry-not-found')) return false;
      throw error;
    }
  }
}

/** Manifests and configurations of a repository, on the registry plane. */
export function registryContent(registries: Registries, name: RepositoryName): ContentStore {
  const repository = () => registries.repository(name);
  return {
    has: async (digest) => (await repository().look(digest)) !== undefined,
    manifest: (digest) => repository().findManifest(digest),
    config: async (descriptor) => {
      if (descriptor.size > LARGEST_CONFIG) return undefined;
      try {
        const chunks: Uint8Array[] = [];
        for await (const chunk of await repository().blob(descriptor)) chunks.push(chunk);
        return Buffer.concat(chunks);
      } catch (error) {
        if (isFailure(error, 'registry-not-found')) return undefined;
        throw error;
      }
    },
  };
}
