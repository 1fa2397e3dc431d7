import type { ContentSource } from '../../oci/content.ts';
import { type Descriptor, platformName } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { descriptorOf, parseManifest } from '../../oci/manifest.ts';
import { platformsOf } from '../../oci/platforms.ts';

/** One manifest of an image that gets evidence of its own. */
export interface ImagePart {
  /** `index`, `image` or `artifact` for a root that is a single manifest, else `linux/arm64`. */
  readonly name: string;
  readonly descriptor: Descriptor;
}

/** What evidence can be about: the digest that was given, and the platforms behind it. */
export interface ImageShape {
  readonly root: Descriptor;
  /** The root itself when it is a single manifest; none for an artifact that is no image. */
  readonly platforms: readonly ImagePart[];
  /** The layers of an artifact that is no image; absent for an image. */
  readonly files?: readonly Descriptor[];
  /** BuildKit's attestation manifests, and which platform each is about. */
  readonly attestations: readonly { readonly target: Digest; readonly descriptor: Descriptor }[];
}

/**
 * Reads the root manifest and finds the platforms behind it.
 * @throws PlimsollError `registry-not-found`, `manifest-invalid`, and what the registry throws
 */
export async function readImageShape(source: ContentSource, digest: Digest): Promise<ImageShape> {
  const blob = await source.manifest(digest);
  const root = descriptorOf(blob);
  const manifest = parseManifest(blob);
  const found = await platformsOf(source, digest);
  const distinct = [...new Map(found.map((each) => [each.descriptor.digest, each])).values()];
  return {
    root,
    platforms: distinct.map(({ platform, descriptor }) => ({ name: platformName(platform), descriptor })),
    ...(distinct.length === 0 && manifest.kind === 'image' ? { files: manifest.layers } : {}),
    attestations: distinct.flatMap(({ descriptor: { digest: target }, attestations }) =>
      attestations.map((descriptor) => ({ target, descriptor })),
    ),
  };
}

/** Every digest that gets evidence of its own: the root first. */
export function subjectsOf({ root, platforms }: ImageShape): readonly ImagePart[] {
  const children = platforms.filter(({ descriptor }) => descriptor.digest !== root.digest);
  return [
    { name: children.length > 0 ? 'index' : platforms.length > 0 ? 'image' : 'artifact', descriptor: root },
    ...children,
  ];
}
