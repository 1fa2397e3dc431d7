import { refused, type RouteState } from './memory-rules.ts';
import {
  documentOf,
  findManifest,
  type ManifestDocument,
  missingPart,
  type RepositoryShelves,
  sha,
} from './memory-store.ts';
import type { RegistryAnswer, RegistryRequest } from './memory-wire.ts';

const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
/** Bytes; the specification asks registries to take at least this. */
const LARGEST = 4 * 1024 * 1024;

/** Answers `/v2/<name>/manifests/<reference>`. */
export function answerManifest(
  state: RouteState,
  repository: RepositoryShelves,
  request: RegistryRequest,
): RegistryAnswer {
  if (request.method === 'PUT') return putManifest(state, repository, request);
  const found = findManifest(repository, request.reference);
  if (found === undefined) return refused(404, 'MANIFEST_UNKNOWN');
  if (request.method === 'DELETE') return deleteManifest(repository, request.reference, found.digest);
  if (request.method !== 'GET' && request.method !== 'HEAD') return refused(405, 'UNSUPPORTED');
  return {
    status: 200,
    headers: { 'content-type': found.mediaType, 'docker-content-digest': found.digest },
    body: found.bytes,
  };
}

/** By tag only the tag goes; by digest the manifest, and every tag on it. */
function deleteManifest(repository: RepositoryShelves, reference: string, digest: string): RegistryAnswer {
  if (!reference.includes(':')) repository.tags.delete(reference);
  else {
    for (const [tag, target] of repository.tags) if (target === digest) repository.tags.delete(tag);
    repository.manifests.delete(digest);
  }
  return { status: 202 };
}

function putManifest(state: RouteState, repository: RepositoryShelves, request: RegistryRequest): RegistryAnswer {
  const { body: bytes, reference, headers } = request;
  const byDigest = reference.includes(':');
  if (bytes.length > LARGEST) return refused(413, 'SIZE_INVALID', 'the manifest is too large');
  if (!byDigest && !TAG.test(reference)) return refused(400, 'TAG_INVALID', 'not a tag');
  const digest = sha(bytes, byDigest ? reference.slice(0, reference.indexOf(':')) : 'sha256');
  if (byDigest && digest !== reference) return refused(400, 'DIGEST_INVALID', 'provided digest did not match');
  if (!byDigest && state.immutableTag(reference) && (repository.tags.get(reference) ?? digest) !== digest)
    return refused(409, 'TAG_IMMUTABLE', 'tag is immutable');
  const manifest = { mediaType: headers['content-type'] ?? '', bytes };
  const document = documentIn(manifest);
  if (document === undefined) return refused(400, 'MANIFEST_INVALID', 'manifest invalid');
  const missing = state.wantsParts ? missingPart(repository, document) : undefined;
  if (missing !== undefined) return refused(404, 'MANIFEST_BLOB_UNKNOWN', `blob unknown: ${missing}`);
  repository.manifests.set(digest, manifest);
  if (!byDigest) repository.tags.set(reference, digest);
  const subject = state.referrersApi ? document.subject?.digest : undefined;
  return {
    status: 201,
    headers: {
      location: `/v2/${request.repository}/manifests/${digest}`,
      'docker-content-digest': digest,
      ...(subject === undefined ? {} : { 'oci-subject': subject }),
    },
  };
}

function documentIn(manifest: { readonly mediaType: string; readonly bytes: Buffer }): ManifestDocument | undefined {
  try {
    const document: unknown = documentOf(manifest);
    return typeof document === 'object' && document !== null && !Array.isArray(document) ? document : undefined;
  } catch {
    return undefined;
  }
}
