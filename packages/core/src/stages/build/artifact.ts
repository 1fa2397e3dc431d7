import path from 'node:path';
import type { ArtifactInputs } from '../../github/artifact-inputs.ts';
import type { ImageDescription } from '../../metadata/image-plan.ts';
import { type FilePart, TITLE, writeFileSet } from '../../oci/file-set.ts';
import { openLayout } from '../../oci/layout.ts';
import { layoutTarget } from '../../oci/layout-target.ts';
import { type RepositoryName, repositoryLabel } from '../../oci/reference.ts';
import { checkLimits, type Limits } from '../../policy/limits.ts';
import { type Clock, systemClock } from '../../runtime/clock.ts';
import type { Log } from '../../runtime/log.ts';
import type { BuildResult } from '../build.ts';
import { findArtifactFiles } from './artifact-files.ts';
import { artifactStatements, type PackedArtifact } from './artifact-statements.ts';
import { freeingOnFailure } from './freed-space.ts';
import { freshDirectory } from './fresh-directory.ts';

export interface ArtifactRequest {
  readonly image: RepositoryName;
  readonly artifact: ArtifactInputs;
  readonly description: Pick<ImageDescription, 'annotations' | 'createdAt' | 'tags'>;
  readonly wanted: PackedArtifact['wanted'];
  readonly limits: Limits;
  readonly workspace: string;
  /** An existing directory; the layout becomes a new one inside. */
  readonly tempDir: string;
}

/** What is generated for it is the name of a branch or a tag, and the same commit has several. */
const VERSION = 'org.opencontainers.image.version';
/** Of an artifact that is of no known time. */
const LONG_AGO = new Date(0);

/**
 * Packs files as an artifact that is no image into one fresh OCI layout, with provenance and SBOM to hang on it.
 *
 * @throws PlimsollError `file-unreadable` and `input-invalid` before anything is written, `limit-exceeded`,
 *   `digest-mismatch` for a file that changes meanwhile, `disk-full`
 */
export async function buildArtifact(
  request: ArtifactRequest,
  { log, clock = systemClock }: { readonly log: Log; readonly clock?: Clock },
): Promise<BuildResult> {
  const started = clock.now().getTime();
  const files = await findArtifactFiles(request.artifact.files, request.workspace);
  const directory = await freshDirectory(request.tempDir);
  const artifact = await freeingOnFailure(path.dirname(directory), () => pack(request, files, directory));
  const size = artifact.files.reduce((total, file) => total + file.size, artifact.root.size);
  const over = checkLimits(request.limits, [{ platform: artifact.artifactType, size }]);
  if (over !== undefined) log.warning(over);
  const layout = await openLayout(directory);
  return {
    digest: artifact.digest,
    content: layout,
    layout,
    platforms: [],
    sboms: [],
    statements: artifactStatements(artifact),
    dockerfile: undefined,
    artifact,
    milliseconds: clock.now().getTime() - started,
  };
}

async function pack(
  { image, artifact: { artifactType }, description, wanted }: ArtifactRequest,
  files: readonly FilePart[],
  directory: string,
): Promise<PackedArtifact> {
  const modified = description.createdAt ?? LONG_AGO;
  const set = { artifactType, files, annotations: annotationsOf(description), modified };
  const { root, layers } = await writeFileSet(await layoutTarget(directory), set);
  const packed = layers.map(({ mediaType, digest, size, annotations = {} }) => ({
    name: annotations[TITLE] ?? digest,
    mediaType,
    digest,
    size,
  }));
  const named = { name: repositoryLabel(image), digest: root.digest, created: modified, files: packed };
  return { ...named, root, artifactType, wanted };
}

/** What is known of it, and what is given for its only manifest. */
function annotationsOf({ annotations, tags }: ArtifactRequest['description']): Readonly<Record<string, string>> {
  const ofManifest = annotations.filter(({ level, platform }) => level === 'manifest' && platform === undefined);
  const own = ofManifest.filter(({ key, value }) => key !== VERSION || value !== tags.version);
  return Object.fromEntries(own.map(({ key, value }) => [key, value]));
}
