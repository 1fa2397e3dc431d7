import type { Attachment } from '../../oci/attached-content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { hexOf } from '../../oci/digest.ts';
import { type ArtifactContents, artifactSpdx, type ListedPackage, withPackages } from '../../report/artifact-spdx.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import { encodeStatement } from '../../sigstore/statement.ts';
import { IN_TOTO } from '../sign/buildkit.ts';

/** GitHub's build type (actions.github.io/buildtypes/workflow/v1); the signer, who knows the run, adds the rest. */
const BUILD_TYPE = 'https://actions.github.io/buildtypes/workflow/v1';

/** An artifact that was packed, and what is to be said of it. */
export interface PackedArtifact extends ArtifactContents {
  readonly root: Descriptor;
  readonly artifactType: string;
  readonly wanted: { readonly provenance: boolean; readonly sbom: boolean };
}

/**
 * What is said of an artifact that no builder speaks for: where it comes from, and what is in it. They hang on it, in
 * the form of those that BuildKit makes of images. Pure.
 *
 * @param packages what the lockfiles of its source name
 */
export function artifactStatements(
  artifact: PackedArtifact,
  packages: readonly ListedPackage[] = [],
): readonly Attachment[] {
  const { mediaType, digest, size } = artifact.root;
  const subject = { mediaType, digest, size };
  const { provenance, sbom } = artifact.wanted;
  return [
    ...(provenance ? [statement(subject, PREDICATE_TYPES.slsaprovenance1, provenanceOf(artifact))] : []),
    ...(sbom ? [statement(subject, PREDICATE_TYPES.spdx, withPackages(artifactSpdx(artifact), packages))] : []),
  ];
}

/** The files are what went in, and all that came out. */
function provenanceOf({ files }: ArtifactContents) {
  const resolvedDependencies = files.map(({ name, digest, mediaType }) => ({
    name,
    digest: { sha256: hexOf(digest) },
    mediaType,
  }));
  return {
    buildDefinition: { buildType: BUILD_TYPE, externalParameters: {}, internalParameters: {}, resolvedDependencies },
    runDetails: { builder: {}, metadata: {} },
  };
}

function statement(subject: Descriptor, predicateType: string, predicate: object): Attachment {
  const bytes = encodeStatement({ subjects: [subject.digest], predicateType, predicate });
  const annotations = { 'in-toto.io/predicate-type': predicateType };
  return { subject, referrer: { artifactType: IN_TOTO, annotations, blobs: [{ mediaType: IN_TOTO, bytes }] } };
}
