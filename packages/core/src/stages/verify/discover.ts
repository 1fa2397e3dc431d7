import type { ContentSource } from '../../oci/content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { type ImageManifest, parseManifest } from '../../oci/manifest.ts';
import { EMPTY } from '../../oci/media-types.ts';
import { mapConcurrently } from '../../runtime/concurrent.ts';
import { isFailure } from '../../runtime/errors.ts';
import { isBundleType } from '../../sigstore/bundle.ts';
import { readBlob } from './read-blob.ts';

/** A bundle that hangs on a digest, as far as it could be read. Whether it is genuine is not known yet. */
export interface FoundBundle {
  /** What it hangs on. */
  readonly subject: Digest;
  /** The digest of the referrer manifest. */
  readonly referrer: Digest;
  readonly annotations: Readonly<Record<string, string>>;
  /** The bundle, or why there is none to judge. */
  readonly content: { readonly bytes: Buffer } | { readonly problem: string };
}

/** A bundle holds its statement in base64; the largest SBOMs seen were 20 MB. */
const LARGEST_BUNDLE = 64 * 1024 * 1024;
const PARALLEL = 8;

/**
 * Finds every bundle on the given digests. One that is listed but gone, or is not what it says, is
 * returned with its problem.
 *
 * @param predicateTypes - all that is wanted; what is listed as another is not read
 * @throws PlimsollError what the registry throws: evidence that could not be read is never taken for absent
 */
export async function discoverBundles(
  source: ContentSource,
  subjects: readonly Digest[],
  predicateTypes?: readonly string[],
): Promise<FoundBundle[]> {
  const listed = await mapConcurrently(subjects, PARALLEL, async (subject) => {
    const referrers = await source.referrers(subject);
    const wanted = referrers.filter((each) => mayBeBundle(each) && mayBeOf(each, predicateTypes));
    return wanted.map((descriptor) => ({ subject, descriptor }));
  });
  const blobs = sharedBlobs(source);
  const found = await mapConcurrently(listed.flat(), PARALLEL, (each) => read(source, blobs, each));
  return found.filter((each) => each !== undefined);
}

type BlobReader = (descriptor: Descriptor) => Promise<Buffer>;
type Listed = { readonly subject: Digest; readonly descriptor: Descriptor };

/** Older clients leave the type of a fallback entry out, or write that of the config: only the manifest tells. */
function mayBeBundle({ artifactType }: Descriptor): boolean {
  return artifactType === undefined || artifactType === EMPTY || isBundleType(artifactType);
}

/** A list that leaves annotations out does not tell; what one says is believed only to leave something unread. */
function mayBeOf({ annotations }: Descriptor, predicateTypes: readonly string[] | undefined): boolean {
  const said = annotations?.['dev.sigstore.bundle.predicateType'];
  return said === undefined || predicateTypes === undefined || predicateTypes.includes(said);
}

/** One bundle hangs on the index and on its platforms; it is fetched once. */
function sharedBlobs(source: ContentSource): BlobReader {
  const blobs = new Map<Digest, Promise<Buffer>>();
  return (descriptor) => {
    const known = blobs.get(descriptor.digest) ?? readBlob(source, descriptor, LARGEST_BUNDLE);
    blobs.set(descriptor.digest, known);
    return known;
  };
}

async function read(source: ContentSource, blobs: BlobReader, listed: Listed): Promise<FoundBundle | undefined> {
  const { subject, descriptor } = listed;
  const common = { subject, referrer: descriptor.digest };
  try {
    const manifest = await readManifest(source, descriptor.digest);
    const layer = manifest?.layers.find(({ mediaType }) => isBundleType(mediaType));
    if (manifest === undefined || layer === undefined) return undefined;
    const annotations = manifest.annotations ?? {};
    if (manifest.subject?.digest !== subject)
      return { ...common, annotations, content: problem('it names another subject') };
    return { ...common, annotations, content: { bytes: await blobs(layer) } };
  } catch (error) {
    return { ...common, annotations: descriptor.annotations ?? {}, content: problem(explain(error)) };
  }
}

async function readManifest(source: ContentSource, digest: Digest): Promise<ImageManifest | undefined> {
  const manifest = parseManifest(await source.manifest(digest));
  return manifest.kind === 'image' ? manifest : undefined;
}

function problem(text: string): { readonly problem: string } {
  return { problem: text };
}

/** Only what the registry certainly does not have, or holds in a broken form, may be passed over. */
function explain(error: unknown): string {
  if (isFailure(error, 'registry-not-found')) return 'it is listed, but the registry does not have it';
  if (isFailure(error, 'manifest-invalid')) return error.message;
  throw error;
}
