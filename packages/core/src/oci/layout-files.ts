import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { PlimsollError } from '../runtime/errors.ts';
import { checkedStream } from './checked-stream.ts';
import type { ByteStream, ManifestBlob } from './content.ts';
import type { Descriptor } from './descriptor.ts';
import { algorithmOf, type Digest, digestOf, hexOf } from './digest.ts';
import { DescriptorSchema } from './manifest.ts';
import { isManifestType, OCI_INDEX, OCI_MANIFEST } from './media-types.ts';
import { WholeBlob } from './whole-blob.ts';

/** Of an entry of `index.json`: the name by which it is found, such as a tag (image-spec annotations.md). */
export const REF_NAME = 'org.opencontainers.image.ref.name';

const Marker = v.looseObject({ imageLayoutVersion: v.literal('1.0.0') });
const Index = v.looseObject({ schemaVersion: v.literal(2), manifests: v.array(DescriptorSchema) });
const Sniffed = v.looseObject({ mediaType: v.optional(v.string()), manifests: v.optional(v.unknown()) });

/**
 * The entries of a layout's `index.json`.
 *
 * @throws PlimsollError `layout-invalid` when the directory is not a layout
 */
export async function layoutEntries(directory: string): Promise<readonly Descriptor[]> {
  await readJson(path.join(directory, 'oci-layout'), Marker);
  return (await readJson(path.join(directory, 'index.json'), Index)).manifests;
}

/** A manifest of a layout, checked. The type is the given one, else what the manifest itself says. */
export async function layoutManifest(directory: string, digest: Digest, type?: string): Promise<ManifestBlob> {
  const bytes = await readFile(blobPath(directory, digest)).catch((cause: unknown) => {
    throw missing(directory, digest, cause);
  });
  if (digestOf(bytes, algorithmOf(digest)) !== digest) throw damaged(directory, digest);
  return { mediaType: type ?? sniff(bytes, digest), digest, bytes };
}

/** Bytes. A blob up to this is read at once, in a fraction of the time that a stream takes. */
const READ_AT_ONCE = 512 * 1024;

/** A blob of a layout, checked on its way. */
export async function layoutBlob(directory: string, descriptor: Descriptor): Promise<ByteStream> {
  const file = blobPath(directory, descriptor.digest);
  const found = await stat(file).catch((cause: unknown) => {
    throw missing(directory, descriptor.digest, cause);
  });
  if (found.size !== descriptor.size) throw damaged(directory, descriptor.digest);
  const isSmall = descriptor.size <= READ_AT_ONCE;
  const bytes = isSmall ? new WholeBlob(await readFile(file)) : createReadStream(file, { highWaterMark: 256 * 1024 });
  return checkedStream(bytes, descriptor, directory);
}

/** Where a layout keeps a blob. */
export function blobPath(directory: string, digest: Digest): string {
  return path.join(directory, 'blobs', algorithmOf(digest), hexOf(digest));
}

/** Inside a layout only bytes and digests are certain; what an entry is stands in its own `mediaType`. */
function sniff(bytes: Buffer, digest: Digest): string {
  try {
    const { mediaType, manifests } = v.parse(Sniffed, JSON.parse(bytes.toString('utf8')));
    if (mediaType !== undefined && isManifestType(mediaType)) return mediaType;
    return manifests === undefined ? OCI_MANIFEST : OCI_INDEX;
  } catch (cause) {
    throw new PlimsollError('manifest-invalid', `${digest} is not a manifest: it is not a JSON object`, {
      hint: 'Build the image again; the layout was not written by a container builder.',
      cause,
    });
  }
}

async function readJson<S extends v.GenericSchema>(file: string, schema: S): Promise<v.InferOutput<S>> {
  try {
    return v.parse(schema, JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw invalidLayout(`${file} is missing or not what the image layout specification asks for`, cause);
  }
}

export function damaged(directory: string, digest: Digest): PlimsollError {
  return new PlimsollError('digest-mismatch', `${digest} in ${directory} does not hold the bytes it is named for`, {
    hint: 'The layout is damaged or was changed after the build. Build it again; it was not used.',
  });
}

function missing(directory: string, digest: Digest, cause: unknown): PlimsollError {
  return invalidLayout(`${path.join('blobs', algorithmOf(digest), hexOf(digest))} is missing in ${directory}`, cause);
}

export function invalidLayout(message: string, cause?: unknown): PlimsollError {
  return new PlimsollError('layout-invalid', message, {
    hint: 'Give the `layout` output of the build action, or a directory written by buildx with `type=oci,tar=false`.',
    cause,
  });
}
