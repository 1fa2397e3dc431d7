import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Attachment } from '../../oci/attached-content.ts';
import type { ContentSource } from '../../oci/content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Layout, openLayout } from '../../oci/layout.ts';
import { blobPath } from '../../oci/layout-files.ts';
import { descriptorOf, parseManifest } from '../../oci/manifest.ts';
import { mergedIndex } from '../../oci/merged-image.ts';
import { type ImagePlatform, platformsOf } from '../../oci/platforms.ts';
import { IN_TOTO, LARGEST_STATEMENT } from '../sign/buildkit.ts';
import { readBlob } from '../verify/read-blob.ts';

export interface Detached {
  /** The same directory, with an index of nothing but platforms: equal images have equal digests. */
  readonly layout: Layout;
  /** SBOMs and provenances that are to hang on the platforms, and not to stand in the index beside them. */
  readonly statements: readonly Attachment[];
}

/**
 * Takes BuildKit's attestation manifests out of an index. What they say depends on when and where it was built; the
 * rest does not, where the build has no times of its own. Nothing changes for an image without them.
 *
 * @throws PlimsollError `layout-invalid`, `manifest-invalid`
 */
export async function detachAttestations(layout: Layout): Promise<Detached> {
  const platforms = await platformsOf(layout, layout.root.digest);
  if (platforms.every(({ attestations }) => attestations.length === 0)) return { layout, statements: [] };
  const { annotations = {} } = parseManifest(await layout.manifest(layout.root.digest));
  const index = mergedIndex(platforms.map(withoutAttestations), annotations);
  await writeFile(blobPath(layout.directory, index.digest), index.bytes);
  const manifests = [
    { ...descriptorOf(index), ...(layout.root.annotations && { annotations: layout.root.annotations }) },
  ];
  await writeFile(path.join(layout.directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  return { layout: await openLayout(layout.directory), statements: await detachedStatements(layout, platforms) };
}

export function withoutAttestations(platform: ImagePlatform): ImagePlatform {
  return { ...platform, attestations: [] };
}

/** What BuildKit's attestation manifests say about platforms, each ready to hang on the one that it is about. */
export async function detachedStatements(
  source: ContentSource,
  platforms: readonly ImagePlatform[],
): Promise<readonly Attachment[]> {
  const listed = platforms.flatMap(({ descriptor, attestations }) =>
    attestations.map((each) => statementsOf(source, descriptor, each)),
  );
  return (await Promise.all(listed)).flat();
}

async function statementsOf(
  source: ContentSource,
  { mediaType, digest, size }: Descriptor,
  attestation: Descriptor,
): Promise<readonly Attachment[]> {
  const manifest = parseManifest(await source.manifest(attestation.digest));
  const layers = manifest.kind === 'image' ? manifest.layers.filter((layer) => layer.mediaType === IN_TOTO) : [];
  return Promise.all(
    layers.map(async (layer) => ({
      subject: { mediaType, digest, size },
      referrer: {
        artifactType: IN_TOTO,
        annotations: layer.annotations ?? {},
        blobs: [{ mediaType: IN_TOTO, bytes: await readBlob(source, layer, LARGEST_STATEMENT) }],
      },
    })),
  );
}
