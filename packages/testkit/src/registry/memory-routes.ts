import { randomUUID } from 'node:crypto';
import { error } from './memory-auth.ts';
import type { RegistryAnswer, RegistryRequest } from './memory-wire.ts';
import { documentOf, findManifest, type MemoryRepository, missingPart, referrersOf, sha } from './memory-store.ts';

export interface RouteOptions {
  readonly referrersApi: boolean;
  /** False: answers 202 to every mount, as registries that will not mount do. */
  readonly mount: boolean;
  /** Tags that cannot be moved: 409 TAG_IMMUTABLE. */
  readonly immutableTag: (tag: string) => boolean;
}

/** What the routes work on. */
export interface RouteState extends RouteOptions {
  readonly repository: (name: string) => MemoryRepository;
  readonly known: (name: string) => boolean;
  readonly sessions: Map<string, Buffer>;
}

/** Answers what is below `/v2/<name>/`, by the distribution specification 1.1. */
export function route(state: RouteState, request: RegistryRequest): RegistryAnswer {
  const name = request.repository ?? '';
  switch (request.kind) {
    case 'tags':
      return state.known(name) ? tagList(state.repository(name), request) : notFound('NAME_UNKNOWN');
    case 'manifest':
      return manifestRoute(state, request, name);
    case 'blob':
      return blobRoute(state.repository(name), request);
    case 'upload':
      return uploadRoute(state, request, name);
    case 'referrers':
      return referrersRoute(state, request, name);
    case 'base':
    case 'token':
    case 'other':
      return notFound('UNSUPPORTED');
    default:
      return request.kind satisfies never;
  }
}

function tagList(repository: MemoryRepository, { query, repository: name = '' }: RegistryRequest): RegistryAnswer {
  const last = query.get('last') ?? '';
  const size = Number(query.get('n') ?? 100);
  const rest = [...repository.tags.keys()].toSorted().filter((tag) => tag > last);
  const tags = rest.slice(0, size);
  const link = `</v2/${name}/tags/list?n=${size}&last=${encodeURIComponent(tags.at(-1) ?? '')}>; rel="next"`;
  return json({ name, tags: tags.length === 0 ? null : tags }, rest.length > size ? { link } : {});
}

function manifestRoute(state: RouteState, request: RegistryRequest, name: string): RegistryAnswer {
  const repository = state.repository(name);
  if (request.method === 'PUT') return putManifest(state, repository, request);
  const found = findManifest(repository, request.reference);
  if (found === undefined) return notFound('MANIFEST_UNKNOWN');
  if (request.method === 'DELETE') {
    repository.manifests.delete(found.digest);
    for (const [tag, digest] of repository.tags) if (digest === found.digest) repository.tags.delete(tag);
    return { status: 202 };
  }
  return {
    status: 200,
    headers: { 'content-type': found.mediaType, 'docker-content-digest': found.digest },
    body: found.bytes,
  };
}

function putManifest(state: RouteState, repository: MemoryRepository, request: RegistryRequest): RegistryAnswer {
  const { body: bytes, reference, headers } = request;
  const byDigest = reference.includes(':');
  const digest = sha(bytes, byDigest ? reference.slice(0, reference.indexOf(':')) : 'sha256');
  if (byDigest && digest !== reference)
    return { status: 400, body: error('DIGEST_INVALID', 'provided digest did not match') };
  if (!byDigest && state.immutableTag(reference) && (repository.tags.get(reference) ?? digest) !== digest) {
    return { status: 409, body: error('TAG_IMMUTABLE', 'tag is immutable') };
  }
  const manifest = { mediaType: headers['content-type'] ?? '', bytes };
  const document = documentOf(manifest);
  const missing = missingPart(repository, document);
  if (missing !== undefined) return { status: 404, body: error('MANIFEST_BLOB_UNKNOWN', `blob unknown: ${missing}`) };
  repository.manifests.set(digest, manifest);
  if (!byDigest) repository.tags.set(reference, digest);
  const subject = state.referrersApi ? document.subject?.digest : undefined;
  return {
    status: 201,
    headers: { 'docker-content-digest': digest, ...(subject === undefined ? {} : { 'oci-subject': subject }) },
  };
}

function blobRoute(repository: MemoryRepository, { reference, headers }: RegistryRequest): RegistryAnswer {
  const blob = repository.blobs.get(reference);
  if (blob === undefined) return notFound('BLOB_UNKNOWN');
  const common = { 'content-type': 'application/octet-stream', 'docker-content-digest': reference };
  const from = /^bytes=(\d+)-$/.exec(headers['range'] ?? '')?.[1];
  if (from === undefined) return { status: 200, headers: common, body: blob };
  if (Number(from) >= blob.length) return { status: 416 };
  return {
    status: 206,
    headers: { ...common, 'content-range': `bytes ${from}-${blob.length - 1}/${blob.length}` },
    body: blob.subarray(Number(from)),
  };
}

function uploadRoute(state: RouteState, request: RegistryRequest, name: string): RegistryAnswer {
  if (request.method === 'POST') return startUpload(state, request, name);
  const begun = state.sessions.get(request.reference);
  if (begun === undefined) return notFound('BLOB_UPLOAD_UNKNOWN');
  const bytes = Buffer.concat([begun, request.body]);
  const digest = request.query.get('digest');
  if (request.method === 'PATCH' || digest === null) {
    state.sessions.set(request.reference, bytes);
    return { status: 202, headers: { location: uploadPath(name, request.reference), range: `0-${bytes.length - 1}` } };
  }
  state.sessions.delete(request.reference);
  if (request.method === 'DELETE') return { status: 204 };
  if (sha(bytes, digest.slice(0, digest.indexOf(':'))) !== digest)
    return { status: 400, body: error('DIGEST_INVALID', 'provided digest did not match') };
  state.repository(name).blobs.set(digest, bytes);
  return { status: 201, headers: { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest } };
}

function startUpload(state: RouteState, { query }: RegistryRequest, name: string): RegistryAnswer {
  const digest = query.get('mount');
  const from = query.get('from');
  const blob = digest === null || from === null || !state.mount ? undefined : state.repository(from).blobs.get(digest);
  if (digest !== null && blob !== undefined) {
    state.repository(name).blobs.set(digest, blob);
    return { status: 201, headers: { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest } };
  }
  const id = randomUUID();
  state.sessions.set(id, Buffer.alloc(0));
  return { status: 202, headers: { location: uploadPath(name, id), range: '0-0' } };
}

/** Relative and with a query of its own: both are allowed, and clients get both wrong. */
function uploadPath(name: string, id: string): string {
  return `/v2/${name}/blobs/uploads/${id}?_state=a%2Fb%3D`;
}

function referrersRoute(state: RouteState, { reference, query }: RegistryRequest, name: string): RegistryAnswer {
  if (!state.referrersApi)
    return { status: 404, headers: { 'content-type': 'text/plain' }, body: '404 page not found\n' };
  const artifactType = query.get('artifactType');
  const index = referrersOf(state.repository(name), reference, artifactType);
  return json(index, {
    'content-type': index.mediaType,
    ...(artifactType === null ? {} : { 'oci-filters-applied': 'artifactType' }),
  });
}

function json(value: unknown, headers: Record<string, string> = {}): RegistryAnswer {
  return { status: 200, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

function notFound(code: string): RegistryAnswer {
  return { status: 404, headers: { 'content-type': 'application/json' }, body: error(code, 'unknown') };
}
