import { listCredentials, noCredentials } from '@plimsoll/core/oci/auth/credentials';
import type { ByteStream, ManifestBlob } from '@plimsoll/core/oci/content';
import type { Descriptor } from '@plimsoll/core/oci/descriptor';
import { type Digest, digestOf } from '@plimsoll/core/oci/digest';
import { EMPTY, OCI_INDEX, OCI_MANIFEST } from '@plimsoll/core/oci/media-types';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import type { Clock } from '@plimsoll/core/runtime/clock';
import type { MemoryRegistry } from './memory-registry.ts';

/** A clock that never waits, and says how long it would have. */
export class QuickClock implements Clock {
  readonly waits: number[] = [];
  #now = Date.parse('2026-11-21T00:00:00Z');

  now(): Date {
    return new Date(this.#now);
  }

  sleep(milliseconds: number): Promise<void> {
    this.waits.push(milliseconds);
    this.#now += milliseconds;
    return Promise.resolve();
  }
}

export interface Connected {
  readonly repository: Repository;
  readonly clock: QuickClock;
}

/** The repository `acme/app` of a registry as a client of a new run sees it, logged in as `user` when a password is given. */
export function connect(registry: Pick<MemoryRegistry, 'host'>, password?: string, name = 'acme/app'): Connected {
  const clock = new QuickClock();
  const entries = password === undefined ? [] : [{ registry: registry.host, username: 'user', password }];
  const credentials = password === undefined ? noCredentials : listCredentials(entries);
  const repository = new Registries({ credentials, clock }).repository({ registry: registry.host, repository: name });
  return { repository, clock };
}

/** A blob in memory, and how to open it as `putBlob` wants it. */
export interface BlobFixture {
  readonly bytes: Buffer;
  readonly descriptor: Descriptor;
  readonly open: () => Promise<ByteStream>;
}

export function blobOf(text: string): BlobFixture {
  const bytes = Buffer.from(text);
  const descriptor = { mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.length };
  return { bytes, descriptor, open: () => Promise.resolve(streamOf(bytes)) };
}

/** In sixteen pieces, so that nothing can rely on getting all at once. */
export async function* streamOf(bytes: Buffer): ByteStream {
  const piece = Math.max(1, Math.ceil(bytes.length / 16));
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
}

/** `{}`, the config of every artifact here. */
export const emptyBlob: BlobFixture = blobOf('{}');

/** Members of a manifest beside config and layers. */
export interface ManifestExtras {
  readonly layers?: readonly Descriptor[];
  readonly subject?: Digest;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An artifact's manifest that differs from others by its name. */
export function manifestOf(name: string, { layers = [], subject, annotations }: ManifestExtras = {}): ManifestBlob {
  const config = { ...emptyBlob.descriptor, mediaType: EMPTY };
  const about = subject === undefined ? {} : { subject: { mediaType: OCI_MANIFEST, digest: subject, size: 1 } };
  const content = { schemaVersion: 2, mediaType: OCI_MANIFEST, artifactType: 'a/b', config, layers, ...about };
  return stored(OCI_MANIFEST, { ...content, annotations: { name, ...annotations } });
}

export function indexOf(...manifests: readonly ManifestBlob[]): ManifestBlob {
  const entries = manifests.map(({ mediaType, digest, bytes }) => ({ mediaType, digest, size: bytes.length }));
  return stored(OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests: entries });
}

/** Puts manifests into a registry without asking it. The tag goes to the last of them. */
export function store(
  registry: Pick<MemoryRegistry, 'repository'>,
  manifests: readonly ManifestBlob[],
  tag?: string,
): void {
  const { tags, blobs, manifests: kept } = registry.repository('acme/app');
  blobs.set(emptyBlob.descriptor.digest, emptyBlob.bytes);
  for (const manifest of manifests) kept.set(manifest.digest, manifest);
  const last = manifests.at(-1);
  if (tag !== undefined && last !== undefined) tags.set(tag, last.digest);
}

/** What was asked, as `GET manifest` and so on, without the base of the API. */
export function wire({ requests }: MemoryRegistry): string[] {
  return requests.filter(({ kind }) => kind !== 'base').map(({ method, kind }) => `${method} ${kind}`);
}

/** The body of an error answer (distribution specification, "Error Codes"). */
export function errorBody(code: string, message = 'no'): string {
  return JSON.stringify({ errors: [{ code, message }] });
}

function stored(mediaType: string, content: unknown): ManifestBlob {
  const bytes = Buffer.from(JSON.stringify(content));
  return { mediaType, bytes, digest: digestOf(bytes) };
}
