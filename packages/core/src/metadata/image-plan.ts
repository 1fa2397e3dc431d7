import { type RepositoryName, repositoryLabel } from '../oci/reference.ts';
import { annotationText, type ImageAnnotation } from './annotations.ts';
import type { BuildMatrix } from './build-matrix.ts';
import { describeRule } from './highest.ts';
import type { ImageLabels } from './labels.ts';
import type { ImageTags } from './tags.ts';

/** Everything that the event and the inputs say about an image, before it is built. */
export interface ImageDescription {
  readonly tags: ImageTags;
  readonly labels: ImageLabels;
  /** The labels as they are without the input `labels`, which the annotations that nobody asked for say too. */
  readonly known: ImageLabels;
  readonly annotations: readonly ImageAnnotation[];
  /** When the commit was made, for timestamps inside the image; absent with `created: now`, and when it is not known. */
  readonly createdAt: Date | undefined;
}

/** The `plan` output: which tags, of which class, why, and under which condition; and which runner for which platform. */
export function imagePlan(image: RepositoryName, { tags, labels, annotations }: ImageDescription, matrix: BuildMatrix) {
  return {
    image: repositoryLabel(image),
    version: tags.version,
    commit: tags.commit,
    tags: tags.tags.map(({ name, class: kind, source, highest }) => ({
      name,
      class: kind,
      source,
      ...(highest === undefined ? {} : { onlyIf: describeRule(highest) }),
    })),
    unpushed: tags.unpushed,
    labels,
    annotations: annotations.map(annotationText),
    matrix,
  };
}

/** The outputs that every way of building has, a dry run too. */
export function imageOutputs(
  image: RepositoryName,
  description: ImageDescription,
  matrix: BuildMatrix,
): Readonly<Record<string, string>> {
  const { tags, labels, annotations } = description;
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return {
    'tag-names': tags.tags.map(({ name }) => name).join('\n'),
    version: tags.version,
    labels: pairs.join('\n'),
    annotations: annotations.map(annotationText).join('\n'),
    plan: JSON.stringify(imagePlan(image, description, matrix)),
    matrix: JSON.stringify(matrix),
  };
}
