import type { ManifestBlob } from '../../oci/content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { RepositoryName } from '../../oci/reference.ts';
import type { Registries } from '../../oci/registry/registries.ts';
import type { ManifestStore } from './ports.ts';

/**
 * A repository as pruning must see it: every question goes to the registry. A `Repository` remembers
 * manifests, and would go on saying that one is there after it was deleted.
 */
export function registryManifests(registries: Registries, name: RepositoryName): ManifestStore {
  const fresh = () => registries.repository(name);
  return {
    tags: (): Promise<readonly string[]> => fresh().tags(),
    resolve: (reference): Promise<Descriptor | undefined> => fresh().resolve(reference),
    manifest: (reference): Promise<ManifestBlob> => fresh().manifest(reference),
    putManifest: async (manifest, reference) => {
      await registries.repository(name, 'push').putManifest(manifest, reference);
    },
  };
}
