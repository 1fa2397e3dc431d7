import { PlimsollError } from '../../runtime/errors.ts';
import { PREDICATE_TYPES, predicateName } from '../../sigstore/predicates.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import { type ImagePart, type ImageShape, subjectsOf } from './image.ts';
import { covers } from './requirements.ts';

export type SbomFormat = 'spdx' | 'cyclonedx';

export interface SbomRequest {
  readonly format: SbomFormat;
  /** `linux/arm64`; the only one of the image unless given. */
  readonly platform: string | undefined;
}

/** `*.cdx.json` and `*.cyclonedx.json` are CycloneDX by convention (CycloneDX, "Recognized file patterns"). */
export function formatOf(file: string): SbomFormat {
  return /(?:\bcdx|cyclonedx)\.json$/i.test(file) ? 'cyclonedx' : 'spdx';
}

/**
 * The document inside of the newest accepted SBOM of a platform, as JSON. Never one that nobody signed.
 * @param accepted evidence of an image that was verified
 * @throws PlimsollError `sbom-missing`, `input-invalid` for a platform that the image does not have
 */
export function verifiedSbom(
  accepted: readonly VerifiedBundle[],
  image: ImageShape,
  { format, platform }: SbomRequest,
): string {
  const part = choose(image, platform);
  const [newest] = accepted
    .filter(({ statement }) => statement.predicateType === PREDICATE_TYPES[format])
    .filter(({ statement }) => covers(statement, part.descriptor.digest, image))
    .toSorted((a, b) => b.signedAt.getTime() - a.signedAt.getTime());
  if (newest === undefined) throw missing(format, part);
  const { predicate } = newest.statement;
  // `cosign attest --type spdx` signs the document as one text.
  return typeof predicate === 'string' ? predicate : `${JSON.stringify(predicate, undefined, 2)}\n`;
}

function choose(image: ImageShape, wanted: string | undefined): ImagePart {
  const platforms = image.platforms.length > 0 ? image.platforms : subjectsOf(image);
  const names = platforms.map(({ name }) => name);
  const [only, ...others] = platforms;
  const part = wanted === undefined && others.length === 0 ? only : platforms.find(({ name }) => name === wanted);
  if (part !== undefined) return part;
  const message = wanted === undefined ? 'The image has several platforms' : `The image has no platform ${wanted}`;
  throw new PlimsollError('input-invalid', message, { hint: `Give "platform": one of ${names.join(', ') || 'none'}.` });
}

function missing(format: SbomFormat, { name }: ImagePart): PlimsollError {
  const type = predicateName(PREDICATE_TYPES[format]);
  return new PlimsollError('sbom-missing', `The image is verified, but carries no accepted ${type} SBOM of ${name}`, {
    hint: 'Name the file *.cdx.json for CycloneDX, *.spdx.json for SPDX; the report lists what there is.',
  });
}
