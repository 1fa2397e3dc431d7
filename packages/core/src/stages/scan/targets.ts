import * as v from 'valibot';
import { readBytes } from '../../oci/checked-stream.ts';
import type { ContentSource } from '../../oci/content.ts';
import { type Descriptor, type Platform, platformName } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { attestationTarget, type ImageManifest, parseManifest } from '../../oci/manifest.ts';
import { PlimsollError } from '../../runtime/errors.ts';

/** One platform's image: what a container runtime would run, so what has to be scanned. */
export interface ScanTarget {
  /** `linux/arm64`, …; made unique with a piece of the digest when an index has it twice. */
  readonly platform: string;
  readonly descriptor: Descriptor;
  readonly manifest: ImageManifest;
}

const IN_TOTO = 'application/vnd.in-toto+json';
const DEPTH = 4;
/** Bytes; an image's config is a few kilobytes. */
const CONFIG_LIMIT = 8 * 1024 * 1024;

const configSchema = v.object({ os: v.string(), architecture: v.string(), variant: v.optional(v.string()) });

/**
 * Every image manifest below a root, attestation manifests left out. A manifest only counts as an
 * attestation when all its layers are in-toto statements: the annotation alone would be a way to
 * hide an image from the scan.
 */
export async function findTargets(source: ContentSource, root: Digest): Promise<readonly ScanTarget[]> {
  const manifests = await collect(source, { digest: root }, 0);
  const targets: ScanTarget[] = [];
  for (const { descriptor, manifest } of manifests) {
    const platform = platformName(descriptor.platform ?? (await configPlatform(source, manifest.config)));
    const taken = targets.some((each) => each.platform === platform);
    targets.push({
      platform: taken ? `${platform}@${descriptor.digest.slice(7, 19)}` : platform,
      descriptor,
      manifest,
    });
  }
  return targets;
}

interface Found {
  readonly descriptor: Descriptor;
  readonly manifest: ImageManifest;
}

async function collect(
  source: ContentSource,
  entry: Pick<Descriptor, 'digest'> & Partial<Descriptor>,
  depth: number,
): Promise<readonly Found[]> {
  const blob = await source.manifest(entry.digest);
  const manifest = parseManifest(blob);
  if (manifest.kind === 'image') {
    const descriptor = { ...entry, mediaType: blob.mediaType, digest: blob.digest, size: blob.bytes.length };
    return isAttestation(descriptor, manifest) ? [] : [{ descriptor, manifest }];
  }
  if (depth === DEPTH) {
    throw new PlimsollError('manifest-invalid', `The index ${entry.digest} is nested more than ${DEPTH} deep`, {
      hint: 'Build the image with a plain index of platform manifests.',
    });
  }
  const found: Found[] = [];
  for (const child of manifest.manifests) found.push(...(await collect(source, child, depth + 1)));
  return found.filter(
    ({ descriptor }, at) => found.findIndex((one) => one.descriptor.digest === descriptor.digest) === at,
  );
}

function isAttestation(descriptor: Descriptor, { layers }: ImageManifest): boolean {
  return attestationTarget(descriptor) !== undefined && layers.every((layer) => layer.mediaType === IN_TOTO);
}

/** A single manifest has no platform beside it; its config says. */
async function configPlatform(source: ContentSource, config: Descriptor): Promise<Platform> {
  const parsed = v.safeParse(configSchema, await readConfig(source, config));
  if (!parsed.success) throw notAnImage(config, 'names no platform');
  const { os, architecture, variant } = parsed.output;
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

async function readConfig(source: ContentSource, config: Descriptor): Promise<unknown> {
  if (config.size > CONFIG_LIMIT) throw notAnImage(config, `is ${config.size} bytes`);
  try {
    return JSON.parse((await readBytes(await source.blob(config))).toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw notAnImage(config, 'is not JSON');
    throw error;
  }
}

function notAnImage({ digest }: Descriptor, why: string): PlimsollError {
  return new PlimsollError('manifest-invalid', `The image config ${digest} ${why}`, {
    hint: 'Scan a container image; another kind of artifact cannot be scanned.',
  });
}
