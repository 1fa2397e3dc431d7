import type { ContentSource } from '@plimsoll/core/oci/content';
import type { Digest } from '@plimsoll/core/oci/digest';
import { platformsOf, type SizedPlatform, withSizes } from '@plimsoll/core/oci/platforms';
import { isFailure } from '@plimsoll/core/runtime/errors';
import type { Log } from '@plimsoll/core/runtime/log';

/** Those of an image that an earlier run made, for people. Its tags may have moved by now, so this is never a reason to fail. */
export async function publishedPlatforms(
  source: ContentSource,
  digest: Digest,
  log: Log,
): Promise<readonly SizedPlatform[]> {
  try {
    return await withSizes(source, await platformsOf(source, digest));
  } catch (error) {
    if (!isFailure(error) || error.code === 'cancelled') throw error;
    log.info(`The platforms of ${digest} could not be told: ${error.message}`);
    return [];
  }
}
