import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { PlimsollError } from '../runtime/errors.ts';
import { checkedStream } from './checked-stream.ts';
import type { ByteStream, ContentSource, ManifestBlob } from './content.ts';
import type { Descriptor } from './descriptor.ts';
import { algorithmOf, type Digest, digestOf, hexOf, isDigest } from './digest.ts';
import { DescriptorSchema } from './manifest.ts';
import { isManifestType, OCI_INDEX, OCI_MANIFEST } from './media-types.ts';

const Marker = v.looseObject({ imageLayoutVersion: v.literal('1.0.0') });
const Index = v.looseObject({ schemaVersion: v.literal(2), manifests: v.array(DescriptorSchema) });
const Sniffed = v.looseObject({ mediaType: v.optional(v.string()), manifests: v.optional(v.unknown()) });

/**
 * Opens an OCI image layout directory (image-spec, image-layout.md) that holds exactly one image.
 *
 * @throws PlimsollError `layout-invalid` when it is not one, or its index names no or several roots
 */
export async function openLayout(directory: string): Promise<Layout> {
  await readJson(path.join(directory, 'oci-layout'), Marker);
  const { manifests } = await readJson(path.join(directory, 'index.json'), Index);
  const [root] = manifests;
  if (root !== undefined && manifests.length === 1) return new Layout(directory, root);
  throw invalid(`${directory} has ${manifests.length} roots in index.json where exactly one is due`);
}

/** An image in a directory. Every byte that is read is checked against the digest and size that name it. */
export class Layout implements ContentSource {
  readonly directory: string;
  /** The only entry of `index.json`. */
  readonly root: Descriptor;

  constructor(directory: string, root: Descriptor) {
    this.directory = directory;
    this.root = root;
  }

  get label(): string {
    return this.directory;
  }

  async resolve(reference: string): Promise<Descriptor | undefined> {
    if (reference === this.root.digest || reference === this.root.annotations?.['org.opencontainers.image.ref.name'])
      return this.root;
    if (!isDigest(reference) || !(await exists(this.#path(reference)))) return undefined;
    const { mediaType, bytes } = await this.manifest(reference);
    return { mediaType, digest: reference, size: bytes.length };
  }

  async manifest(reference: string): Promise<ManifestBlob> {
    const digest =
      reference === this.root.annotations?.['org.opencontainers.image.ref.name'] ? this.root.digest : reference;
    if (!isDigest(digest)) throw invalid(`${this.directory} has no "${reference}"`);
    const bytes = await readFile(this.#path(digest)).catch((cause: unknown) => {
      throw this.#missing(digest, cause);
    });
    if (digestOf(bytes, algorithmOf(digest)) !== digest) throw damaged(this.directory, digest);
    if (digest === this.root.digest && bytes.length !== this.root.size) throw damaged(this.directory, digest);
    return { mediaType: digest === this.root.digest ? this.root.mediaType : sniff(bytes, digest), digest, bytes };
  }

  async blob(descriptor: Descriptor): Promise<ByteStream> {
    const file = this.#path(descriptor.digest);
    const found = await stat(file).catch((cause: unknown) => {
      throw this.#missing(descriptor.digest, cause);
    });
    if (found.size !== descriptor.size) throw damaged(this.directory, descriptor.digest);
    return checkedStream(createReadStream(file, { highWaterMark: 256 * 1024 }), descriptor, this.directory);
  }

  /** None: BuildKit's layouts carry their attestations inside the index. */
  async referrers(): Promise<readonly Descriptor[]> {
    return [];
  }

  #path(digest: Digest): string {
    return blobPath(this.directory, digest);
  }

  #missing(digest: Digest, cause: unknown): PlimsollError {
    return invalid(`${path.join('blobs', algorithmOf(digest), hexOf(digest))} is missing in ${this.directory}`, cause);
  }
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
    throw invalid(`${file} is missing or not what the image layout specification asks for`, cause);
  }
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}

function damaged(directory: string, digest: Digest): PlimsollError {
  return new PlimsollError('digest-mismatch', `${digest} in ${directory} does not hold the bytes it is named for`, {
    hint: 'The layout is damaged or was changed after the build. Build it again; it was not used.',
  });
}

function invalid(message: string, cause?: unknown): PlimsollError {
  return new PlimsollError('layout-invalid', message, {
    hint: 'Give the `layout` output of the build action, or a directory written by buildx with `type=oci,tar=false`.',
    cause,
  });
}
