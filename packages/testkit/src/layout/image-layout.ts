import type { Digest } from '@plimsoll/core/oci/digest';
import { OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from '@plimsoll/core/oci/media-types';
import { type Blob, blobOf, descriptorOf } from '../world/image/blob.ts';
import { type ImageContent, imageIndex } from '../world/image/image.ts';
import { writeLayout } from '../world/image/layout.ts';
import { tarFile, tarOf } from '../world/image/tar.ts';

/** File contents by path without a leading slash. */
export type Tree = Readonly<Record<string, string | Buffer>>;

/** An image of one platform: the files of each of its layers. */
export interface TreeImage {
  /** Such as `arm64`; the operating system is linux. */
  readonly architecture: string;
  readonly layers: readonly Tree[];
  /** The `config` member of the image configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
}

export interface WrittenLayout {
  readonly directory: string;
  readonly content: ImageContent;
  /** Of the image index. */
  readonly digest: Digest;
  /** Manifests by architecture. */
  readonly platforms: Readonly<Record<string, Digest>>;
}

const IN_TOTO = 'application/vnd.in-toto+json';

/**
 * Writes an OCI layout shaped as BuildKit's: one image index, a manifest per platform, and an
 * attestation manifest beside each.
 * @param images none gives an index of one attestation only
 */
export async function writeImageLayout(directory: string, images: readonly TreeImage[]): Promise<WrittenLayout> {
  const layersOf = ({ layers }: TreeImage) => Promise.all(layers.map((tree) => tarOf(filesOf(tree))));
  const plain = imageIndex(
    await Promise.all(
      images.map(async (image) => ({
        architecture: image.architecture,
        layers: await layersOf(image),
        config: image.config ?? {},
      })),
    ),
  );
  const content = attested(plain);
  await writeLayout(directory, content);
  const platforms = Object.fromEntries(
    images.map(({ architecture }, at) => [architecture, content.manifests[at]?.digest]),
  );
  return { directory, content, digest: content.root.digest as Digest, platforms: platforms as Record<string, Digest> };
}

function filesOf(tree: Tree) {
  return Object.entries(tree).map(([name, content]) => tarFile(name, content));
}

/** The index with an attestation manifest for each of its images, as BuildKit adds them. */
function attested({ blobs, manifests, root }: ImageContent): ImageContent {
  const images = (JSON.parse(root.bytes.toString()) as { manifests: readonly { digest: string }[] }).manifests;
  const targets = images.length === 0 ? [root.digest] : images.map(({ digest }) => digest);
  const attestations = targets.map(attestationOf);
  const entries = [...images, ...attestations.map(({ entry }) => entry)];
  const index = blobOf(OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests: entries });
  return {
    blobs: [...blobs, ...attestations.flatMap((each) => each.blobs)],
    manifests: [...manifests.filter((each) => each !== root), ...attestations.map(({ manifest }) => manifest), index],
    root: index,
  };
}

function attestationOf(target: string): { manifest: Blob; blobs: Blob[]; entry: object } {
  const rootfs = { type: 'layers', diff_ids: [] };
  const config = blobOf(OCI_CONFIG, { architecture: 'unknown', os: 'unknown', config: {}, rootfs });
  const statement = {
    _type: 'https://in-toto.io/Statement/v0.1',
    subject: [],
    predicateType: 'x',
    predicate: { target },
  };
  const layer = blobOf(IN_TOTO, statement);
  const layers = [descriptorOf(layer)];
  const content = { schemaVersion: 2, mediaType: OCI_MANIFEST, config: descriptorOf(config), layers };
  const manifest = blobOf(OCI_MANIFEST, content);
  const annotations = { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': target };
  const platform = { os: 'unknown', architecture: 'unknown' };
  return { manifest, blobs: [config, layer], entry: { ...descriptorOf(manifest), platform, annotations } };
}
