import { parseReference, repositoryLabel } from '../oci/reference.ts';
import { PlimsollError } from '../runtime/errors.ts';
import type { BuildOptions } from '../tools/build-options.ts';
import type { Inputs } from './inputs.ts';

export const SBOM_INPUTS = ['sbom', 'sbom-generator'] as const;

/**
 * Whether an SBOM is made, and by which image. That reads every layer, and what it says is signed, so it is named by its
 * digest, as what builds the image is.
 *
 * @throws PlimsollError `input-invalid`, `input-conflict`, `reference-invalid`, `digest-invalid`, `digest-required`
 */
export function readSbom(
  inputs: Inputs<(typeof SBOM_INPUTS)[number]>,
): Required<Pick<BuildOptions, 'sbom' | 'sbomGenerator'>> {
  const sbom = inputs.boolean('sbom', true);
  const sbomGenerator = inputs.text('sbom-generator');
  if (sbomGenerator === undefined) return { sbom, sbomGenerator };
  if (!sbom) {
    throw new PlimsollError('input-conflict', '"sbom-generator" is given, and "sbom: false" makes no SBOM', {
      hint: 'Remove "sbom: false", or "sbom-generator".',
    });
  }
  const reference = parseReference(sbomGenerator);
  if (reference.digest !== undefined) return { sbom, sbomGenerator };
  const tagged = `${repositoryLabel(reference)}${reference.tag === undefined ? '' : `:${reference.tag}`}`;
  throw new PlimsollError('digest-required', `The input "sbom-generator" names ${tagged}, but not which digest of it`, {
    hint: `Write "sbom-generator: ${tagged}@sha256:…"; "docker buildx imagetools inspect ${tagged}" tells the digest.`,
  });
}
