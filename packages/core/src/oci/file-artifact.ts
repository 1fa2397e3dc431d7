import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PlimsollError } from '../runtime/errors.ts';
import { artifactManifest } from './artifact-manifest.ts';
import type { ContentSource, ContentTarget } from './content.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import { parseManifest } from './manifest.ts';
import { NOTHING, putBytes } from './referrers.ts';

/** One file as an artifact of a registry (image-spec manifest.md, "Guidelines for Artifact Usage"). */
export interface FileArtifact {
  readonly file: string;
  /** Of the artifact, and of its one layer. */
  readonly artifactType: string;
  readonly tag: string;
}

/** Pushes the file, and moves the tag to it. @throws what the registry throws */
export async function pushFile(target: ContentTarget, { file, artifactType, tag }: FileArtifact): Promise<void> {
  const layer: Descriptor = {
    mediaType: artifactType,
    digest: await digestOfFile(file),
    size: (await stat(file)).size,
  };
  await putBytes(target, NOTHING);
  await target.putBlob(layer, () => Promise.resolve(createReadStream(file)));
  await target.putManifest(artifactManifest({ artifactType, layers: [layer] }), tag);
}

/**
 * Writes the file that the tag names, whole or not at all.
 * @throws PlimsollError `manifest-invalid` when the tag names something else, and what the registry throws
 */
export async function pullFile(source: ContentSource, { file, artifactType, tag }: FileArtifact): Promise<void> {
  const manifest = parseManifest(await source.manifest(tag));
  const layer = manifest.kind === 'image' && manifest.artifactType === artifactType ? manifest.layers[0] : undefined;
  if (layer === undefined) {
    throw new PlimsollError('manifest-invalid', `${source.label}:${tag} is no ${artifactType}`, {
      hint: 'Give a tag that nothing else uses.',
    });
  }
  await mkdir(path.dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}.part`;
  try {
    await pipeline(await source.blob(layer), createWriteStream(partial));
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}

/** SHA-256 of what the file holds now. */
export async function digestOfFile(file: string): Promise<Digest> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return `sha256:${hash.digest('hex')}`;
}
