import { parseReference, type RepositoryName, repositoryLabel } from '../../oci/reference.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { type ComposeBuild, type ComposeFile, type ComposeService, secretsNote } from '../../tools/compose.ts';

/** What a run makes, as a compose file may name it. */
export interface ComposedImage {
  readonly image: RepositoryName;
  /** Names of all tags that the run calls for. */
  readonly tags: readonly string[];
  /** Absent where a repository that is not checked out is built. */
  readonly source: ComposedSource | undefined;
}

/** What the run builds. */
export interface ComposedSource {
  /** Absolute. */
  readonly context: string;
  /** Absolute. */
  readonly dockerfile: string;
  readonly target: string | undefined;
  /** What the stage is called that is built where no target is named. */
  readonly lastStage: string | undefined;
}

/**
 * The services of a compose file that are this image: by a tag that the run writes, or built of the same stage of the
 * same Dockerfile. One that is built and names the image as well would be pulled by that name elsewhere, so its tag
 * counts too. Pure.
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
  return isNamed(image, wanted) || (build !== undefined && otherBuild(build, wanted) === undefined);
}

function isNamed(image: string, wanted: ComposedImage): boolean {
  const label = repositoryLabel(wanted.image);
  // Also where the rest of it is not what a reference looks like.
  return image === label || image.startsWith(`${label}:`) || image.startsWith(`${label}@`) || nameOf(image) === label;
}

/** Why it is not; keys and no values, which may come from variables. */
function disagreement({ image = '', build }: ComposeService, wanted: ComposedImage): string | undefined {
  const why = build === undefined ? undefined : otherBuild(build, wanted);
  return why ?? (isNamed(image, wanted) ? otherTag(image, wanted) : undefined);
}

function otherTag(image: string, { tags }: ComposedImage): string | undefined {
  const named = reference(image);
  if (named === undefined) return 'its "image" is not a reference of an image';
  if (named.digest !== undefined) return 'its "image" names a digest, which was there before';
  if (tags.includes(named.tag ?? 'latest')) return undefined;
  return named.tag === undefined ? 'its "image" has no tag, which is "latest"' : 'its "image" has another tag';
}

function otherBuild({ context, dockerfile, target }: ComposeBuild, { source }: ComposedImage): string | undefined {
  if (dockerfile === undefined) return 'it is built of "dockerfile_inline", and not of the Dockerfile';
  if (source === undefined) return 'it is built, and of what cannot be told here';
  if (context !== source.context || dockerfile !== source.dockerfile)
    return 'its "build" has another context or Dockerfile';
  const stage = (name: string | undefined) => (name || source.lastStage)?.toLowerCase();
  return stage(target) === stage(source.target) ? undefined : 'its "build" has another target';
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
