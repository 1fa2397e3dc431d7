import { PRUNE_RECORD } from '../../policy/retention.ts';
import { digestOf } from '../../oci/digest.ts';
import type { PackageVersion } from '../../policy/retention-rules.ts';
import type { ManifestStore } from './ports.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';

/** True when a plan for this package was shown before by a run that was to apply it. */
export function hasRecord(versions: readonly PackageVersion[]): boolean {
  return versions.some((version) => version.tags.includes(PRUNE_RECORD));
}

/**
 * Writes down in the package that its plan was shown. The same bytes for every package: an index of nothing,
 * which needs no blobs, so that writing it twice changes nothing.
 * @throws what the registry throws
 */
export async function writeRecord(manifests: ManifestStore): Promise<void> {
  const annotations = {
    'org.opencontainers.image.title': 'Plimsoll prune record',
    'org.opencontainers.image.description':
      'Not an image. Plimsoll has shown a plan for this package; deleting this tag makes the next run show one again.',
  };
  const content = { schemaVersion: 2, mediaType: INDEX, manifests: [], annotations };
  const bytes = Buffer.from(JSON.stringify(content));
  await manifests.putManifest({ mediaType: INDEX, digest: digestOf(bytes), bytes }, PRUNE_RECORD);
}
