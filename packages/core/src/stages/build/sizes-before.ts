import type { ContentSource } from '../../oci/content.ts';
import type { Digest } from '../../oci/digest.ts';
import { platformName } from '../../oci/descriptor.ts';
import { platformsOf, withSizes } from '../../oci/platforms.ts';
import type { ClassedTag } from '../../policy/tags.ts';
import { isFailure } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';

/** What the platforms of an image weigh that people pull now. */
export interface SizesBefore {
  /** The moving tag that leads to it. */
  readonly tag: string;
  readonly digest: Digest;
  /** Bytes by platform. */
  readonly sizes: ReadonlyMap<string, number>;
}

/**
 * The sizes behind the first moving tag of this image, to compare with. A comparison is never a reason to fail.
 * @returns nothing where there is no such tag, where it points nowhere yet, or where it cannot be read
 */
export async function sizesBefore(
  repository: ContentSource,
  tags: readonly ClassedTag[],
  log: Log,
): Promise<SizesBefore | undefined> {
  const tag = tags.find((each) => each.class === 'moving')?.name;
  if (tag === undefined) return undefined;
  try {
    const found = await repository.resolve(tag);
    if (found === undefined) return undefined;
    const platforms = await withSizes(repository, await platformsOf(repository, found.digest));
    return {
      tag,
      digest: found.digest,
      sizes: new Map(platforms.map(({ platform, size }) => [platformName(platform), size])),
    };
  } catch (error) {
    if (!isFailure(error) || error.code === 'cancelled') throw error;
    log.info(`The sizes of ${repository.label}:${tag} could not be read: ${error.message}`);
    return undefined;
  }
}
