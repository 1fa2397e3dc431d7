import { platformName } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { SizedPlatform } from '../oci/platforms.ts';
import type { PlatformRow } from './image-tables.ts';

/**
 * The platforms of an image for a summary.
 * @param before bytes by platform, of the image to compare with
 */
export function platformRows(
  platforms: readonly SizedPlatform[],
  before: ReadonlyMap<string, number> = new Map(),
): readonly PlatformRow[] {
  return platforms.map(({ platform, descriptor: { digest }, size }) => {
    const weighed = before.get(platformName(platform));
    const row = { platform: platformName(platform), digest, size };
    return weighed === undefined ? row : { ...row, before: weighed };
  });
}

/** `{"linux/amd64": "sha256:…"}`: the shape of the `platform-digests` output. */
export function platformDigests(platforms: readonly SizedPlatform[]): Readonly<Record<string, Digest>> {
  return Object.fromEntries(platformRows(platforms).map(({ platform, digest }) => [platform, digest]));
}
