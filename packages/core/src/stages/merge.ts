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
import { isFailure, PlimsollError } from '../runtime/errors.ts';
import type { BuiltImage } from './build.ts';
import { readBuildEvidence } from './build/build-evidence.ts';
import { withoutDefaultVariant } from '../oci/platform-names.ts';
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
}

/** The request of a run, from its inputs and the description of its image. */
export function mergeRequest(
  { shards, platforms, image: name }: Pick<BuildInputs, 'shards' | 'platforms' | 'image'>,
  { image, ...rest }: Pick<MergeRequest, 'commit' | 'sbomDirectory'> & { readonly image: ImageDescription },
): MergeRequest {
  const ofIndex = image.annotations.filter(({ level, platform }) => level === 'index' && platform === undefined);
  const annotations = Object.fromEntries(ofIndex.map(({ key, value }) => [key, value]));
  return { shards, platforms, image: repositoryLabel(name), annotations, ...rest };
}

/** What one job built, as the registry has it. */
interface Shard {
  readonly digest: Digest;
  readonly platforms: readonly ImagePlatform[];
  /** What its annotations say it is made of. */
  readonly revisions: readonly string[];
}

const REVISION = 'org.opencontainers.image.revision';
const PARALLEL = 8;

/**
 * Puts shards together into one image, in a canonical order: the same shards give the same digest. Nothing is
 * written to the registry.
 *
 * @throws PlimsollError `shard-missing`, `shard-duplicate`, `shard-unexpected`, `shard-mismatch` for one of another
 *   commit, `manifest-invalid`, and what the registry throws
 */
export async function mergeShards(source: ContentSource, request: MergeRequest): Promise<BuiltImage> {
  const repeated = request.shards.find((digest, index) => request.shards.indexOf(digest) !== index);
  if (repeated !== undefined) throw duplicate(`The shard ${repeated} is given twice`);
  const shards = await mapConcurrently(request.shards, PARALLEL, (digest) => readShard(source, digest));
  checkCommit(shards, request.commit);
  checkPlatforms(shards, request.platforms);
  const index = mergedIndex(
    shards.flatMap(({ platforms }) => platforms),
    request.annotations,
  );
  const content = new MergedImage(index, source);
  const platforms = await withSizes(content, await platformsOf(content, index.digest));
  const sboms = await writeSboms(await readBuildEvidence(content), request.image, request.sbomDirectory);
  return { digest: index.digest, content, platforms, sboms, statements: [] };
}

async function readShard(source: ContentSource, digest: Digest): Promise<Shard> {
  const root = await source.manifest(digest).catch((error: unknown) => absent(source, digest, error));
  const platforms = await platformsOf(source, digest);
  const manifests = await Promise.all(platforms.map(({ descriptor }) => source.manifest(descriptor.digest)));
  const said = [root, ...manifests].map((blob) => parseManifest(blob).annotations?.[REVISION]);
  return { digest, platforms, revisions: [...new Set(said.filter((revision) => revision !== undefined))] };
}

function checkCommit(shards: readonly Shard[], commit: string): void {
  const stray = shards.find(({ revisions }) => revisions.length !== 1 || revisions[0] !== commit);
  if (stray === undefined) return;
  const said =
    stray.revisions.length === 0 ? 'does not say of which commit it is' : `is of ${stray.revisions.join(', ')}`;
  throw new PlimsollError('shard-mismatch', `The shard ${stray.digest} ${said}; this image is of ${commit}`, {
    hint: 'Merge what the jobs of this workflow run built: pass their "digest" outputs, and the same "sha" if you set it.',
  });
}

function checkPlatforms(shards: readonly Shard[], wanted: readonly string[]): void {
  const expected = new Map(wanted.map((name) => [withoutDefaultVariant(name), name]));
  const seen = new Map<string, Digest>();
  for (const { digest, platforms } of shards) {
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

function absent({ label }: ContentSource, digest: Digest, error: unknown): never {
  if (!isFailure(error, 'registry-not-found')) throw error;
  throw new PlimsollError('shard-missing', `${label} does not have the shard ${digest}`, {
    hint: 'Build the shards for this same "image", with "mode: shard", before they are merged.',
    cause: error,
  });
}

function duplicate(message: string): PlimsollError {
  return new PlimsollError('shard-duplicate', message, {
    hint: 'Let one job of the matrix build each platform, and pass each digest once.',
  });
}

function unexpected(digest: Digest, name: string, wanted: readonly string[]): PlimsollError {
  return new PlimsollError('shard-unexpected', `The shard ${digest} is for ${name}, which the image is not to have`, {
    hint: `Add it to "platforms" of the merge, which has ${wanted.join(', ')}, or leave the shard out.`,
  });
}
