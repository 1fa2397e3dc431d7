import type { ManifestBlob } from './content.ts';
import type { Descriptor } from './descriptor.ts';
import { digestOf } from './digest.ts';
import { OCI_MANIFEST } from './media-types.ts';
import { EMPTY_CONFIG } from './referrers.ts';

/** What an artifact that is no image is made of (image-spec manifest.md, "Guidelines for Artifact Usage"). */
export interface ArtifactParts {
  readonly artifactType: string;
  readonly layers: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Its manifest, without a config. The same parts in the same order are always the same bytes. Pure. */
export function artifactManifest({ artifactType, layers, annotations = {} }: ArtifactParts): ManifestBlob {
  const pairs = Object.entries(annotations).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const content = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType,
    config: EMPTY_CONFIG,
    layers,
    ...(pairs.length === 0 ? {} : { annotations: Object.fromEntries(pairs) }),
  };
  const bytes = Buffer.from(JSON.stringify(content));
  return { mediaType: OCI_MANIFEST, digest: digestOf(bytes), bytes };
}
