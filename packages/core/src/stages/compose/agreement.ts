import { parseReference, type RepositoryName, repositoryLabel } from '../../oci/reference.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { type ComposeFile, type ComposeService, secretsNote } from '../../tools/compose.ts';

/** What a run makes, as a compose file may name it. */
export interface ComposedImage {
  readonly image: RepositoryName;
  /** Names of all tags that the run calls for. */
  readonly tags: readonly string[];
  /** Absolute; absent where a repository that is not checked out is built. */
  readonly source: { readonly context: string; readonly dockerfile: string } | undefined;
}

/**
 * The services of a compose file that are this image: by a tag that the run writes, or built of the same Dockerfile.
 * Pure.
 *
 * @returns their names, at least one
 * @throws PlimsollError `compose-mismatch`
 */
export function servicesOf({ services, unset, withheld }: ComposeFile, wanted: ComposedImage): readonly string[] {
  const ours = services.filter((service) => isOurs(service, wanted));
  const empty = unset.length === 0 ? '' : ` Variables without a value: ${unset.join(', ')}; set them under "env:".`;
  const missing = `${empty}${secretsNote(withheld)}`;
  const label = repositoryLabel(wanted.image);
  if (ours.length === 0) {
    throw new PlimsollError('compose-mismatch', `No service of the compose file is ${label}`, {
      hint: `Write "image: ${label}:TAG" in the service, or "build:" with the Dockerfile of this image.${missing}`,
    });
  }
  for (const service of ours) {
    const why = disagreement(service, wanted);
    if (why !== undefined) {
      throw new PlimsollError('compose-mismatch', `The service "${service.name}" is not what this run makes: ${why}`, {
        hint: `This run writes the tags ${wanted.tags.join(', ')}. Write one of them, such as by a variable.${missing}`,
      });
    }
  }
  return ours.map(({ name }) => name);
}

function isOurs({ image = '', build }: ComposeService, wanted: ComposedImage): boolean {
  const label = repositoryLabel(wanted.image);
  // Also where the rest of it is not what a reference looks like.
  const named = image === label || image.startsWith(`${label}:`) || image.startsWith(`${label}@`);
  return named || nameOf(image) === label || isBuilt(build, wanted);
}

function disagreement({ image = '', build }: ComposeService, wanted: ComposedImage): string | undefined {
  if (build !== undefined) {
    if (isBuilt(build, wanted)) return undefined;
    return wanted.source === undefined
      ? 'it is built, and of what cannot be told here'
      : `it is built of ${build.dockerfile}`;
  }
  const { digest, tag = 'latest' } = reference(image) ?? {};
  if (reference(image) === undefined) return `"${image}" is not a reference of an image`;
  if (digest !== undefined) return `it names ${digest}, which was there before`;
  return wanted.tags.includes(tag) ? undefined : `it names the tag "${tag}"`;
}

function isBuilt(build: ComposeService['build'], { source }: ComposedImage): boolean {
  return build !== undefined && build.context === source?.context && build.dockerfile === source.dockerfile;
}

function nameOf(image: string): string | undefined {
  const found = reference(image);
  return found === undefined ? undefined : repositoryLabel(found);
}

function reference(image: string): ReturnType<typeof parseReference> | undefined {
  try {
    return parseReference(image);
  } catch (error) {
    if (error instanceof PlimsollError) return undefined;
    throw error;
  }
}
