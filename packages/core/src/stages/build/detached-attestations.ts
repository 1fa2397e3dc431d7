import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ContentSource, ContentTarget } from '../../oci/content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { type Layout, openLayout } from '../../oci/layout.ts';
import { blobPath } from '../../oci/layout-files.ts';
import { descriptorOf, parseManifest } from '../../oci/manifest.ts';
import { mergedIndex } from '../../oci/merged-image.ts';
import { type ImagePlatform, platformsOf } from '../../oci/platforms.ts';
import { attachReferrers, type ReferrerManifest } from '../../oci/referrers.ts';
import { IN_TOTO, LARGEST_STATEMENT } from '../sign/buildkit.ts';
import { readBlob } from '../verify/read-blob.ts';

/** An SBOM or a provenance that is to hang on a platform, and not to stand in the index beside it. */
export interface DetachedStatement {
  /** The platform's manifest. */
  readonly subject: Descriptor;
  readonly referrer: ReferrerManifest;
}

export interface Detached {
  /** The same directory, with an index of nothing but platforms: equal images have equal digests. */
  readonly layout: Layout;
  readonly statements: readonly DetachedStatement[];
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
): Promise<readonly DetachedStatement[]> {
  const listed = platforms.flatMap(({ descriptor, attestations }) =>
    attestations.map((each) => statementsOf(source, descriptor, each)),
  );
  return (await Promise.all(listed)).flat();
}

/** Hangs the statements on their platforms. @returns the digests of their manifests, for whoever signs them */
export async function attachStatements(
  repository: ContentTarget,
  statements: readonly DetachedStatement[],
): Promise<readonly Digest[]> {
  const bySubject = Map.groupBy(statements, ({ subject }) => subject.digest);
  const attached = await Promise.all(
    [...bySubject.values()].map(async (group) => {
      const [first] = group;
      if (first === undefined) return [];
      return attachReferrers(
        repository,
        first.subject,
        group.map(({ referrer }) => referrer),
      );
    }),
  );
  return attached.flat().map(({ digest }) => digest);
}

async function statementsOf(
  source: ContentSource,
  { mediaType, digest, size }: Descriptor,
  attestation: Descriptor,
): Promise<readonly DetachedStatement[]> {
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
