import * as v from 'valibot';
import { PlimsollError } from '../runtime/errors.ts';
import { readBytes } from './checked-stream.ts';
import type { ContentSource } from './content.ts';
import type { Descriptor, Platform } from './descriptor.ts';
import type { Digest } from './digest.ts';
import { isPlatformEntry } from './graph.ts';
import { attestationTarget, blobsOf, descriptorOf, type ImageManifest, parseManifest } from './manifest.ts';
import { isImageConfigType, isIndexType } from './media-types.ts';

/** One runnable image of an index, with the attestation manifests that BuildKit put beside it. */
export interface ImagePlatform {
  readonly platform: Platform;
  readonly descriptor: Descriptor;
  readonly attestations: readonly Descriptor[];
}

/** A platform with what a pull of it moves. */
export interface SizedPlatform extends ImagePlatform {
  /** Bytes of manifest, config and compressed layers. */
  readonly size: number;
}

const Config = v.looseObject({
  os: v.string(),
  architecture: v.string(),
  variant: v.exactOptional(v.string()),
});

/** Deeper than any builder nests, and bounded so that nothing recurses for ever. */
const DEEPEST = 8;

/**
 * The platforms of an image: the runnable entries of an index at any depth, or the one manifest
 * itself, whose platform then stands in its config. Attestation manifests are never platforms.
 *
 * @throws PlimsollError `manifest-invalid`, and what the source throws
 */
export async function platformsOf(source: ContentSource, root: Digest, depth = 0): Promise<readonly ImagePlatform[]> {
  if (depth > DEEPEST) throw tooDeep(root);
  const blob = await source.manifest(root);
  const manifest = parseManifest(blob);
  if (manifest.kind === 'image') return singlePlatform(source, manifest, descriptorOf(blob));
  const entries = manifest.manifests.filter(isPlatformEntry);
  const found = await Promise.all(
    entries.map(async (entry) => {
      if (isIndexType(entry.mediaType)) return platformsOf(source, entry.digest, depth + 1);
      const attestations = manifest.manifests.filter((other) => attestationTarget(other) === entry.digest);
      return entry.platform === undefined
        ? platformsOf(source, entry.digest, depth + 1)
        : [{ platform: entry.platform, descriptor: entry, attestations }];
    }),
  );
  return found.flat();
}

/** @throws PlimsollError `manifest-invalid`, and what the source throws */
export function withSizes(
  source: ContentSource,
  platforms: readonly ImagePlatform[],
): Promise<readonly SizedPlatform[]> {
  return Promise.all(
    platforms.map(async (each) => {
      const blobs = blobsOf(parseManifest(await source.manifest(each.descriptor.digest)));
      return { ...each, size: blobs.reduce((total, blob) => total + blob.size, each.descriptor.size) };
    }),
  );
}

/** An artifact that is no image has no platform. */
async function singlePlatform(
  source: ContentSource,
  manifest: ImageManifest,
  descriptor: Descriptor,
): Promise<readonly ImagePlatform[]> {
  if (!isImageConfigType(manifest.config.mediaType)) return [];
  const config = await readBytes(await source.blob(manifest.config));
  try {
    const { os, architecture, variant } = v.parse(Config, JSON.parse(config.toString('utf8')));
    const platform = { os, architecture, ...(variant === undefined ? {} : { variant }) };
    return [{ platform, descriptor, attestations: [] }];
  } catch (cause) {
    throw new PlimsollError('manifest-invalid', `The config of ${descriptor.digest} names no platform`, {
      hint: 'Build the image again with a current builder.',
      cause,
    });
  }
}

function tooDeep(digest: Digest): PlimsollError {
  return new PlimsollError('manifest-invalid', `${digest} lies more than ${DEEPEST} indexes deep`, {
    hint: 'Publish one index that lists the platforms directly.',
  });
}
