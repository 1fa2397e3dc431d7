import { platformName } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { canonicalPlatform } from '../oci/platform-names.ts';
import type { SizedPlatform } from '../oci/platforms.ts';
import type { BuildSteps } from '../tools/build-steps.ts';
import type { PlatformRow } from './image-tables.ts';

/** What there is to say of platforms beside their digests and sizes. */
export interface PlatformFacts {
  /** Bytes by platform, of the image to compare with. */
  readonly before?: ReadonlyMap<string, number> | undefined;
  readonly steps?: readonly BuildSteps[] | undefined;
}

/** The platforms of an image for a summary. */
export function platformRows(
  platforms: readonly SizedPlatform[],
  { before, steps = [] }: PlatformFacts = {},
): readonly PlatformRow[] {
  return platforms.map(({ platform, descriptor: { digest }, size }) => {
    const name = platformName(platform);
    const weighed = before?.get(name);
    // BuildKit's progress names a platform as it was asked for.
    const counted = steps.find((each) => canonicalPlatform(each.platform) === name);
    return {
      platform: name,
      digest,
      size,
      ...(weighed === undefined ? {} : { before: weighed }),
      ...(counted === undefined ? {} : { steps: counted }),
    };
  });
}

/** `{"linux/amd64": "sha256:…"}`: the shape of the `platform-digests` output. */
export function platformDigests(platforms: readonly SizedPlatform[]): Readonly<Record<string, Digest>> {
  return Object.fromEntries(platformRows(platforms).map(({ platform, digest }) => [platform, digest]));
}
