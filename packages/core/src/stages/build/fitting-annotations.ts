import { withoutDefaultVariant } from '../../oci/platform-names.ts';
import type { BuildOptions } from '../../tools/build-options.ts';
import type { Annotation } from '../../tools/buildx.ts';

export interface AnnotatedBuild {
  readonly annotations: readonly Annotation[];
  /** What is known of the image, and was annotated without being asked for. */
  readonly known: Readonly<Record<string, string>>;
  readonly platforms: readonly string[];
  readonly options: Pick<BuildOptions, 'provenance' | 'sbom'>;
}

/**
 * Those that can be written. A job that builds a part of the platforms leaves those of the others to their jobs. An image of one platform without attestations has no index that what is known of it could
 * stand on; what somebody asks for there is BuildKit's to refuse.
 */
export function fittingAnnotations({
  annotations,
  known,
  platforms,
  options: { provenance, sbom },
}: AnnotatedBuild): readonly Annotation[] {
  const isIndex = platforms.length > 1 || provenance !== 'off' || sbom !== false;
  const built = new Set(platforms.map(withoutDefaultVariant));
  return annotations.filter(
    ({ level, platform, key, value }) =>
      (isIndex || level !== 'index' || known[key] !== value) &&
      (platform === undefined || built.has(withoutDefaultVariant(platform))),
  );
}
