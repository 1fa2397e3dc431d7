import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { PlimsollError } from '../runtime/errors.ts';
import { readBytes } from './checked-stream.ts';
import type { ContentSource } from './content.ts';
import type { Descriptor } from './descriptor.ts';
import { algorithmOf, type Digest, digestOf } from './digest.ts';
import type { Layout } from './layout.ts';
import { blobPath } from './layout-files.ts';
import { parseManifest } from './manifest.ts';

/** What the configuration of an image says about starting it (image specification, config.md). */
export interface LaunchConfig {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** Whether a build on top of this image would run instructions of it first. */
  readonly hasTriggers: boolean;
}

const words = v.nullish(v.array(v.string()));
const Config = v.looseObject({
  config: v.nullish(v.looseObject({ Entrypoint: words, Cmd: words, OnBuild: words })),
});

/**
 * @param digest of the manifest of one platform
 * @throws PlimsollError `manifest-invalid`, and what the source throws
 */
export async function launchConfigOf(source: ContentSource, digest: Digest): Promise<LaunchConfig> {
  const { config } = await configOf(source, digest);
  const { Entrypoint, Cmd, OnBuild } = config ?? {};
  return { entrypoint: Entrypoint ?? [], cmd: Cmd ?? [], hasTriggers: (OnBuild ?? []).length > 0 };
}

/**
 * The same image without ONBUILD, in a layout that has links to the layers of the first.
 *
 * @param digest of the manifest of one platform
 * @param destination a directory that is empty
 * @returns the digest of the manifest there
 */
export async function withoutTriggers(layout: Layout, digest: Digest, destination: string): Promise<Digest> {
  const { config, ...rest } = await configOf(layout, digest);
  const { OnBuild: _triggers, ...kept } = config ?? {};
  const { bytes, mediaType } = await layout.manifest(digest);
  const manifest = JSON.parse(bytes.toString('utf8')) as { config: Descriptor; layers: readonly Descriptor[] };
  await mkdir(path.join(destination, 'blobs', 'sha256'), { recursive: true });
  for (const layer of new Set(manifest.layers.map((each) => each.digest))) {
    await mkdir(path.join(destination, 'blobs', algorithmOf(layer)), { recursive: true });
    await symlink(path.resolve(blobPath(layout.directory, layer)), blobPath(destination, layer));
  }
  const changed = await put(destination, { ...rest, config: kept });
  const root = await put(destination, { ...manifest, config: { ...manifest.config, ...changed } });
  await writeFile(path.join(destination, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const manifests = [{ mediaType, ...root }];
  await writeFile(path.join(destination, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  return root.digest;
}

async function put(directory: string, value: object): Promise<Pick<Descriptor, 'digest' | 'size'>> {
  const bytes = Buffer.from(JSON.stringify(value));
  const digest = digestOf(bytes);
  await writeFile(blobPath(directory, digest), bytes);
  return { digest, size: bytes.length };
}

async function configOf(source: ContentSource, digest: Digest): Promise<v.InferOutput<typeof Config>> {
  const manifest = parseManifest(await source.manifest(digest));
  if (manifest.kind !== 'image') throw unreadable(digest);
  const bytes = await readBytes(await source.blob(manifest.config));
  try {
    return v.parse(Config, JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    throw unreadable(digest, cause);
  }
}

function unreadable(digest: Digest, cause?: unknown): PlimsollError {
  return new PlimsollError('manifest-invalid', `The config of ${digest} cannot be read`, {
    hint: 'Build the image again with a current builder.',
    cause,
  });
}
