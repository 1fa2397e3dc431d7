import * as v from 'valibot';
import { PlimsollError } from '../runtime/errors.ts';
import type { ManifestBlob } from './content.ts';
import type { Descriptor } from './descriptor.ts';
import { type Digest, isDigest } from './digest.ts';
import { isImageManifestType, isIndexType } from './media-types.ts';

interface ManifestCommon {
  /** What this manifest is about, when it is a referrer. */
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
}

/** An image index or Docker manifest list. */
export interface IndexManifest extends ManifestCommon {
  readonly kind: 'index';
  readonly manifests: readonly Descriptor[];
}

/** An image manifest, of an image or of any artifact packed as one. */
export interface ImageManifest extends ManifestCommon {
  readonly kind: 'image';
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export type Manifest = IndexManifest | ImageManifest;

const Annotations = v.record(v.string(), v.string());

const PlatformSchema = v.looseObject({
  os: v.string(),
  architecture: v.string(),
  variant: v.exactOptional(v.string()),
  'os.version': v.exactOptional(v.string()),
});

/** A digest in a document. */
export const DigestSchema = v.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'not a digest');

/** A descriptor as it stands in a manifest or index; unknown members are kept, as the specification asks. */
export const DescriptorSchema = v.looseObject({
  mediaType: v.pipe(v.string(), v.nonEmpty()),
  digest: DigestSchema,
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  platform: v.exactOptional(PlatformSchema),
  annotations: v.exactOptional(Annotations),
  artifactType: v.exactOptional(v.string()),
  urls: v.exactOptional(v.array(v.string())),
});

const common = {
  schemaVersion: v.literal(2),
  mediaType: v.exactOptional(v.string()),
  subject: v.exactOptional(DescriptorSchema),
  annotations: v.exactOptional(Annotations),
  artifactType: v.exactOptional(v.string()),
};

// An index with `config` or `layers`, or an image with `manifests`, reads differently in different
// clients (CVE-2021-41190), so it is refused.
const IndexSchema = v.looseObject({
  ...common,
  manifests: v.nullable(v.array(DescriptorSchema)),
  config: v.optional(v.never()),
  layers: v.optional(v.never()),
});

const ImageSchema = v.looseObject({
  ...common,
  config: DescriptorSchema,
  layers: v.nullable(v.array(DescriptorSchema)),
  manifests: v.optional(v.never()),
});

/**
 * Reads a manifest or index. The media type it was stored under decides its kind, and a `mediaType`
 * inside that says otherwise is refused.
 *
 * @throws PlimsollError `manifest-invalid`
 */
export function parseManifest(blob: ManifestBlob): Manifest {
  if (isIndexType(blob.mediaType)) {
    const { manifests, ...rest } = read(IndexSchema, blob);
    return { kind: 'index', manifests: manifests ?? [], ...commonOf(rest) };
  }
  if (isImageManifestType(blob.mediaType)) {
    const { config, layers, ...rest } = read(ImageSchema, blob);
    return { kind: 'image', config, layers: layers ?? [], ...commonOf(rest) };
  }
  throw invalid(blob, `media type "${blob.mediaType}" is not one of an image or index`);
}

/** What an index entry attests, when it is one of BuildKit's attestation manifests. */
export function attestationTarget(descriptor: Descriptor): Digest | undefined {
  if (descriptor.annotations?.['vnd.docker.reference.type'] !== 'attestation-manifest') return undefined;
  const target = descriptor.annotations['vnd.docker.reference.digest'];
  return target !== undefined && isDigest(target) ? target : undefined;
}

/** The descriptors of everything a manifest is made of that is not itself a manifest. */
export function blobsOf(manifest: Manifest): readonly Descriptor[] {
  return manifest.kind === 'image' ? [manifest.config, ...manifest.layers] : [];
}

/** What a registry lists for a referrer: its own `artifactType`, else the config's media type (image-spec manifest.md). */
export function artifactTypeOf(manifest: Manifest): string | undefined {
  return manifest.artifactType ?? (manifest.kind === 'image' ? manifest.config.mediaType : undefined);
}

/** The descriptor that names these stored bytes. */
export function descriptorOf(blob: ManifestBlob): Descriptor {
  return { mediaType: blob.mediaType, digest: blob.digest, size: blob.bytes.length };
}

function commonOf({ subject, annotations, artifactType }: ManifestCommon): ManifestCommon {
  return {
    ...(subject === undefined ? {} : { subject }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(artifactType === undefined ? {} : { artifactType }),
  };
}

function read<S extends typeof IndexSchema | typeof ImageSchema>(schema: S, blob: ManifestBlob): v.InferOutput<S> {
  const result = v.safeParse(schema, parseJson(blob));
  if (!result.success) {
    const [issue] = result.issues;
    throw invalid(blob, `${v.getDotPath(issue) ?? 'document'}: ${issue.message}`);
  }
  const claimed = result.output.mediaType;
  if (claimed !== undefined && claimed !== blob.mediaType)
    throw invalid(blob, `it says it is "${claimed}" but was served as "${blob.mediaType}"`);
  return result.output;
}

function parseJson(blob: ManifestBlob): unknown {
  try {
    return JSON.parse(blob.bytes.toString('utf8'));
  } catch (cause) {
    throw invalid(blob, 'it is not JSON', cause);
  }
}

function invalid(blob: ManifestBlob, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError('manifest-invalid', `${blob.digest} is not a valid manifest: ${why}`, {
    hint: 'Build the image again with a current builder; OCI and Docker schema 2 manifests are understood.',
    cause,
  });
}
