import type { RootedContent } from '../../oci/content.ts';
import { type BuildStatement, readBuildStatements } from '../sign/buildkit.ts';
import { type ImageShape, readImageShape } from '../verify/image.ts';

/** What BuildKit says about an image, and the image it says it about. */
export interface BuildEvidence {
  readonly shape: ImageShape;
  readonly statements: readonly BuildStatement[];
}

/** @throws PlimsollError `layout-invalid`, `manifest-invalid`, and what the source throws */
export async function readBuildEvidence(content: RootedContent): Promise<BuildEvidence> {
  const shape = await readImageShape(content, content.root.digest);
  return { shape, statements: await readBuildStatements(content, shape) };
}
