import { imageAnnotations } from '../metadata/annotations.ts';
import { withoutDefaultVariant } from '../oci/platform-names.ts';
import { PlimsollError } from '../runtime/errors.ts';

/**
 * An annotation for one platform, `manifest[linux/arm64]:key=value`, has to be for one of the image: BuildKit drops it
 * where there is only one, without a word.
 *
 * @param lines of the `annotations` input
 * @throws PlimsollError `input-invalid`
 */
export function refuseStrayAnnotations(lines: readonly string[], platforms: readonly string[]): void {
  const built = new Set(platforms.map(withoutDefaultVariant));
  const stray = imageAnnotations({}, lines).find(
    ({ platform }) => platform !== undefined && !built.has(withoutDefaultVariant(platform)),
  );
  if (stray === undefined) return;
  const { platform, key } = stray;
  throw new PlimsollError('input-invalid', `The input "annotations" has "${key}" for ${platform}, which is not built`, {
    hint: `The platforms of this image are: ${platforms.join(', ')}. Without "[${platform}]" it is for all of them.`,
  });
}
