import type { BuildInputs } from '../github/build-inputs.ts';
import type { ImageDescription } from '../metadata/image-plan.ts';
import type { ContentSource } from '../oci/content.ts';
import { platformName } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { MergedImage, mergedIndex } from '../oci/merged-image.ts';
import { parseManifest } from '../oci/manifest.ts';
import { type ImagePlatform, platformsOf, withSizes } from '../oci/platforms.ts';
import { repositoryLabel } from '../oci/reference.ts';
import { mapConcurrently } from '../runtime/concurrent.ts';
import type { Clock } from '../runtime/clock.ts';
import { isFailure, PlimsollError } from '../runtime/errors.ts';
import { type Attempt, RETRY, withRetry } from '../runtime/retry.ts';
import type { BuiltImage } from './build.ts';
import { readBuildEvidence } from './build/build-evidence.ts';
import { withoutDefaultVariant } from '../oci/platform-names.ts';
import { detachedStatements, withoutAttestations } from './build/detached-attestations.ts';
import { writeSboms } from './build/sbom-files.ts';

export interface MergeRequest {
  /** What the jobs of the matrix pushed. */
  readonly shards: readonly Digest[];
  /** What the image must have, `os/architecture[/variant]`. */
  readonly platforms: readonly string[];
  /** What every shard must be made of. */
  readonly commit: string;
  /** `registry/repository`, for the SBOM files. */
  readonly image: string;
  /** Where the SBOM files are written; made when it is not there. */
  readonly sbomDirectory: string;
  /** Of the index. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Whether SBOM and provenance stand in the index, as in the shards, or hang on the platforms. */
  readonly attestationStyle: 'inline' | 'referrers';
}

export interface MergePorts {
  /** Where the shards are. */
  readonly source: ContentSource;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** The request of a run, from its inputs and the description of its image. */
export function mergeRequest(
  given: Pick<BuildInputs, 'shards' | 'platforms' | 'image' | 'attestationStyle'>,
  { image, ...rest }: Pick<MergeRequest, 'commit' | 'sbomDirectory'> & { readonly image: ImageDescription },
): MergeRequest {
  const { shards, platforms, attestationStyle } = given;
  const ofIndex = image.annotations.filter(({ level, platform }) => level === 'index' && platform === undefined);
  const annotations = Object.fromEntries(ofIndex.map(({ key, value }) => [key, value]));
  return { shards, platforms, attestationStyle, image: repositoryLabel(given.image), annotations, ...rest };
}

/** What one job built, as the registry has it. */
interface Shard {
  readonly digest: Digest;
  readonly platforms: readonly ImagePlatform[];
  /** What the annotations of its platforms say each is made of, and those of its index where they say anything. */
  readonly revisions: readonly (string | undefined)[];
}

const REVISION = 'org.opencontainers.image.revision';
const PARALLEL = 8;
/** A registry may need a moment, of up to half a minute in all, before it shows to one job what another has pushed. */
const UNTIL_SHOWN = { ...RETRY, attempts: 7, firstDelay: 500 };

/**
 * Puts shards together into one image, in a canonical order: the same shards give the same digest. Nothing is
 * written to the registry.
 *
 * @throws PlimsollError `shard-missing`, `shard-duplicate`, `shard-unexpected`, `shard-mismatch` for one of another
 *   commit, `manifest-invalid`, and what the registry throws
 */
export async function mergeShards(request: MergeRequest, ports: MergePorts): Promise<BuiltImage> {
  const { source } = ports;
  const repeated = request.shards.find((digest, index) => request.shards.indexOf(digest) !== index);
  if (repeated !== undefined) throw duplicate(`The shard ${repeated} is given twice`);
  const shards = await mapConcurrently(request.shards, PARALLEL, (digest) => awaitShard(digest, ports));
  checkCommit(shards, request.commit);
  checkPlatforms(shards, request.platforms);
  const parts = shards.flatMap(({ platforms }) => platforms);
  const whole = new MergedImage(mergedIndex(parts, request.annotations), source);
  const sboms = await writeSboms(await readBuildEvidence(whole), request.image, request.sbomDirectory);
  const { content, statements } = await inStyle(request, { whole, parts, source });
  const { digest } = content.root;
  const platforms = await withSizes(content, await platformsOf(content, digest));
  return { digest, content, platforms, sboms, statements };
}

interface Merged {
  readonly whole: MergedImage;
  readonly parts: readonly ImagePlatform[];
  readonly source: ContentSource;
}

async function inStyle({ attestationStyle, annotations }: MergeRequest, { whole, parts, source }: Merged) {
  if (attestationStyle === 'inline') return { content: whole, statements: [] };
  const index = mergedIndex(parts.map(withoutAttestations), annotations);
  return { content: new MergedImage(index, source), statements: await detachedStatements(source, parts) };
}

function awaitShard(digest: Digest, { source, clock, signal }: MergePorts): Promise<Shard> {
  const attempt = async (): Promise<Attempt<Shard>> => {
    try {
      return { value: await readShard(source, digest) };
    } catch (error) {
      if (!isFailure(error, 'registry-not-found')) throw error;
      return { failure: absent(source, digest, error) };
    }
  };
  return withRetry(attempt, { table: UNTIL_SHOWN, ...(clock && { clock }), ...(signal && { signal }) });
}

async function readShard(source: ContentSource, digest: Digest): Promise<Shard> {
  const root = await source.manifest(digest);
  const platforms = await platformsOf(source, digest);
  const manifests = await Promise.all(platforms.map(({ descriptor }) => source.manifest(descriptor.digest)));
  const [ofIndex, ...revisions] = [root, ...manifests].map((blob) => parseManifest(blob).annotations?.[REVISION]);
  return { digest, platforms, revisions: ofIndex === undefined ? revisions : [...revisions, ofIndex] };
}

/** The platforms are what is merged: an index can be put over any, so what it says is no word for them. */
function checkCommit(shards: readonly Shard[], commit: string): void {
  const stray = shards.find(({ revisions }) => revisions.some((revision) => revision !== commit));
  if (stray === undefined) return;
  const others = new Set(stray.revisions.flatMap((revision) => (revision === commit ? [] : (revision ?? []))));
  const said = others.size === 0 ? 'does not say of which commit it is' : `is of ${[...others].join(', ')}`;
  throw new PlimsollError('shard-mismatch', `The shard ${stray.digest} ${said}; this image is of ${commit}`, {
    hint: 'Merge what the jobs of this workflow run built: pass their "digest" outputs, and the same "sha" if you set it.',
  });
}

function checkPlatforms(shards: readonly Shard[], wanted: readonly string[]): void {
  const expected = new Map(wanted.map((name) => [withoutDefaultVariant(name), name]));
  const seen = new Map<string, Digest>();
  for (const { digest, platforms } of shards) {
    if (platforms.length === 0) throw noImage(digest);
    for (const { platform } of platforms) {
      const name = withoutDefaultVariant(platformName(platform));
      const other = seen.get(name);
      if (!expected.has(name)) throw unexpected(digest, name, wanted);
      if (other !== undefined) throw duplicate(`The shards ${other} and ${digest} are both for ${name}`);
      seen.set(name, digest);
    }
  }
  const missing = [...expected].filter(([name]) => !seen.has(name)).map(([, name]) => name);
  if (missing.length === 0) return;
  throw new PlimsollError('shard-missing', `There is no shard for ${missing.join(', ')}`, {
    hint: 'Look at the job that builds it, and pass the digests of all jobs: "shards: ${{ toJSON(needs.shard.outputs) }}".',
  });
}

function absent({ label }: ContentSource, digest: Digest, cause: unknown): PlimsollError {
  return new PlimsollError('shard-missing', `${label} does not have the shard ${digest}`, {
    hint: 'Build the shards for this same "image", with "mode: shard", before they are merged.',
    cause,
  });
}

function duplicate(message: string): PlimsollError {
  return new PlimsollError('shard-duplicate', message, {
    hint: 'Let one job of the matrix build each platform, and pass each digest once.',
  });
}

function noImage(digest: Digest): PlimsollError {
  return new PlimsollError('shard-unexpected', `The shard ${digest} is for no platform at all: it is no image`, {
    hint: 'Pass the digests of the jobs with "mode: shard" alone; an artifact is not merged.',
  });
}

function unexpected(digest: Digest, name: string, wanted: readonly string[]): PlimsollError {
  return new PlimsollError('shard-unexpected', `The shard ${digest} is for ${name}, which the image is not to have`, {
    hint: `Add it to "platforms" of the merge, which has ${wanted.join(', ')}, or leave the shard out.`,
  });
}
