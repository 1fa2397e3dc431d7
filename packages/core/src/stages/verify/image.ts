import type { ContentSource } from '../../oci/content.ts';
import { type Descriptor, platformName } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { attestationTarget, descriptorOf, parseManifest } from '../../oci/manifest.ts';

/** One manifest of an image that a machine can run. */
export interface ImagePart {
  /** `linux/arm64`; `image` when there is only one manifest. */
  readonly name: string;
  readonly descriptor: Descriptor;
}

/** What evidence can be about: the digest that was given, and the platforms behind it. */
export interface ImageShape {
  readonly root: Descriptor;
  /** The root itself when it is a single manifest. */
  readonly platforms: readonly ImagePart[];
  /** BuildKit's attestation manifests, and which platform each is about. */
  readonly attestations: readonly { readonly target: Digest; readonly descriptor: Descriptor }[];
}

/**
 * Reads the root manifest and sorts its entries.
 * @throws PlimsollError `registry-not-found`, `manifest-invalid`, and what the registry throws
 */
export async function readImageShape(source: ContentSource, digest: Digest): Promise<ImageShape> {
  const blob = await source.manifest(digest);
  const root = descriptorOf(blob);
  const manifest = parseManifest(blob);
  if (manifest.kind === 'image') {
    return { root, platforms: [{ name: 'image', descriptor: root }], attestations: [] };
  }
  const attestations = manifest.manifests.flatMap((descriptor) => {
    const target = attestationTarget(descriptor);
    return target === undefined ? [] : [{ target, descriptor }];
  });
  const platforms = manifest.manifests
    .filter(isRunnable)
    .map((descriptor) => ({ name: nameOf(descriptor), descriptor }));
  return { root, platforms, attestations };
}

/** Every digest that gets evidence of its own: the root first. */
export function subjectsOf({ root, platforms }: ImageShape): readonly ImagePart[] {
  const children = platforms.filter(({ descriptor }) => descriptor.digest !== root.digest);
  return [{ name: children.length === 0 ? 'image' : 'index', descriptor: root }, ...children];
}

function isRunnable(descriptor: Descriptor): boolean {
  return attestationTarget(descriptor) === undefined && descriptor.platform?.os !== 'unknown';
}

function nameOf({ platform, digest }: Descriptor): string {
  return platform === undefined ? digest : platformName(platform);
}
