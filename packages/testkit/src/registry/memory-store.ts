import { createHash } from 'node:crypto';

export interface StoredManifest {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** What one repository of a {@link MemoryRegistry} holds; a test may look into it and tamper with it. */
export interface MemoryRepository {
  readonly manifests: Map<string, StoredManifest>;
  readonly blobs: Map<string, Buffer>;
  /** Tag to digest. */
  readonly tags: Map<string, string>;
}

/** The part of a `Map` that the routes need; a package of the emulated GitHub is one of these too. */
export interface Shelf<V> extends Iterable<[string, V]> {
  get(key: string): V | undefined;
  has(key: string): boolean;
  set(key: string, value: V): unknown;
  delete(key: string): boolean;
}

/** What the routes work on: a {@link MemoryRepository}, or something that looks like one. */
export interface RepositoryShelves {
  readonly manifests: Shelf<StoredManifest>;
  readonly blobs: Shelf<Buffer>;
  /** Tag to digest. */
  readonly tags: Shelf<string>;
}

/** The members of a manifest that a registry looks at. */
export interface ManifestDocument {
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly annotations?: Record<string, string>;
  readonly subject?: { readonly digest: string };
  readonly config?: { readonly digest: string; readonly mediaType: string };
  readonly layers?: readonly { readonly digest: string; readonly urls?: readonly string[] }[];
  readonly manifests?: readonly { readonly digest: string }[];
}

export function sha(bytes: Uint8Array, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

const PARSED = new WeakMap<StoredManifest, ManifestDocument>();

/** Parsed once: a list of referrers looks at every manifest. */
export function documentOf(manifest: StoredManifest): ManifestDocument {
  const known = PARSED.get(manifest) ?? (JSON.parse(manifest.bytes.toString('utf8')) as ManifestDocument);
  PARSED.set(manifest, known);
  return known;
}

export function findManifest(
  repository: RepositoryShelves,
  reference: string,
): (StoredManifest & { digest: string }) | undefined {
  const digest = reference.includes(':') ? reference : repository.tags.get(reference);
  const manifest = digest === undefined ? undefined : repository.manifests.get(digest);
  return manifest === undefined || digest === undefined ? undefined : { ...manifest, digest };
}

/** The first thing that a manifest names and the repository does not have. */
export function missingPart(repository: RepositoryShelves, document: ManifestDocument): string | undefined {
  const blobs = [document.config, ...(document.layers ?? [])].filter((part) => part !== undefined);
  const blob = blobs.find((part) => !('urls' in part) && !repository.blobs.has(part.digest));
  return (blob ?? document.manifests?.find((part) => !repository.manifests.has(part.digest)))?.digest;
}

/** The index that the referrers API answers (distribution specification, "Listing Referrers"). */
export function referrersOf(repository: RepositoryShelves, subject: string, artifactType: string | null) {
  const manifests = [...repository.manifests].flatMap(([digest, manifest]) => {
    const document = documentOf(manifest);
    if (document.subject?.digest !== subject) return [];
    const type = document.artifactType ?? document.config?.mediaType;
    const { annotations } = document;
    const descriptor = {
      mediaType: manifest.mediaType,
      digest,
      size: manifest.bytes.length,
      ...(type ? { artifactType: type } : {}),
    };
    return [{ ...descriptor, ...(annotations === undefined ? {} : { annotations }) }];
  });
  return {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: manifests.filter((one) => artifactType === null || one.artifactType === artifactType),
  };
}
