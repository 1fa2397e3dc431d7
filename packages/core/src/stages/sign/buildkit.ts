import type { ContentSource } from '../../oci/content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { mapConcurrently } from '../../runtime/concurrent.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { decodeStatement, type Statement } from '../../sigstore/statement.ts';
import { type ImageShape, subjectsOf } from '../verify/image.ts';
import { readBlob } from '../verify/read-blob.ts';

/** The media type of a statement, and the artifact type of one that hangs on its platform. */
export const IN_TOTO = 'application/vnd.in-toto+json';
export const LARGEST_STATEMENT = 64 * 1024 * 1024;
const PARALLEL = 8;

/** An SBOM or a provenance that BuildKit wrote beside a platform, not signed by anybody. */
export interface BuildStatement {
  readonly platform: Digest;
  readonly statement: Statement;
}

/**
 * Reads the in-toto layers of BuildKit's attestation manifests (BuildKit, docs/attestations/attestation-storage.md).
 * @throws PlimsollError `manifest-invalid` when one is about something else than the index says, and what the registry throws
 */
export async function readBuildStatements(
  source: ContentSource,
  { attestations }: ImageShape,
): Promise<readonly BuildStatement[]> {
  const listed = await mapConcurrently(attestations, PARALLEL, async ({ target, descriptor }) => {
    const manifest = parseManifest(await source.manifest(descriptor.digest));
    const layers = manifest.kind === 'image' ? manifest.layers : [];
    return layers.filter(({ mediaType }) => mediaType === IN_TOTO).map((layer) => ({ target, layer }));
  });
  return mapConcurrently(listed.flat(), PARALLEL, (each) => read(source, each));
}

/**
 * Statements of a build that hang on the platforms as referrers, where the index lists none. Anybody who may push can
 * hang some there, so only those that the build itself names are read.
 *
 * @param named digests of their manifests, as the build gave them
 * @throws PlimsollError `manifest-invalid` for one that is not about a platform of this image, and what the registry throws
 */
export async function readHungStatements(
  source: ContentSource,
  image: ImageShape,
  named: readonly Digest[],
): Promise<readonly BuildStatement[]> {
  // An artifact that is no image has no platforms; what is said of it hangs on itself.
  const parts = image.platforms.length > 0 ? image.platforms : subjectsOf(image);
  const listed = await mapConcurrently(named, PARALLEL, async (digest) => {
    const manifest = parseManifest(await source.manifest(digest));
    const target = parts.find(({ descriptor }) => descriptor.digest === manifest.subject?.digest);
    const layers = manifest.kind === 'image' ? manifest.layers : [];
    if (target === undefined) throw strange(digest);
    return layers
      .filter(({ mediaType }) => mediaType === IN_TOTO)
      .map((layer) => ({ target: target.descriptor.digest, layer }));
  });
  return mapConcurrently(listed.flat(), PARALLEL, (each) => read(source, each));
}

function strange(digest: Digest): PlimsollError {
  return new PlimsollError('manifest-invalid', `The statement ${digest} is about no platform of this image`, {
    hint: 'Pass the output "statements" of the step that built this very digest.',
  });
}

async function read(
  source: ContentSource,
  { target, layer }: { readonly target: Digest; readonly layer: Descriptor },
): Promise<BuildStatement> {
  const statement = decodeStatement(await readBlob(source, layer, LARGEST_STATEMENT));
  // Without a name to build for, BuildKit leaves the subjects out; the index says what it is about.
  if (statement.subjects.length === 0 || statement.subjects.includes(target)) return { platform: target, statement };
  throw new PlimsollError(
    'manifest-invalid',
    `The attestation ${layer.digest} is not about ${target}, as the index says`,
    {
      hint: 'Build the image again; this index was put together from parts of different images.',
    },
  );
}
