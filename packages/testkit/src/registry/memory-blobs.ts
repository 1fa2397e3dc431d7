import { randomUUID } from 'node:crypto';
import { refused, type RouteState } from './memory-rules.ts';
import { type RepositoryShelves, sha } from './memory-store.ts';
import type { RegistryAnswer, RegistryRequest } from './memory-wire.ts';

const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** Answers `/v2/<name>/blobs/<digest>`. */
export function answerBlob(repository: RepositoryShelves, request: RegistryRequest): RegistryAnswer {
  const { reference, headers, method } = request;
  const blob = repository.blobs.get(reference);
  if (blob === undefined) return refused(404, 'BLOB_UNKNOWN');
  if (method === 'DELETE') {
    repository.blobs.delete(reference);
    return { status: 202 };
  }
  if (method !== 'GET' && method !== 'HEAD') return refused(405, 'UNSUPPORTED');
  const common = {
    'content-type': 'application/octet-stream',
    'docker-content-digest': reference,
    'accept-ranges': 'bytes',
  };
  const range = rangeOf(headers['range'], blob.length);
  if (range === undefined) return { status: 200, headers: common, body: blob };
  if (range.from > range.to) return { status: 416, headers: { 'content-range': `bytes */${blob.length}` } };
  return {
    status: 206,
    headers: { ...common, 'content-range': `bytes ${range.from}-${range.to}/${blob.length}` },
    body: blob.subarray(range.from, range.to + 1),
  };
}

/** Of one range (RFC 9110, 14.1.2); several are answered as if none was asked for, which is allowed. */
function rangeOf(header: string | undefined, length: number): { from: number; to: number } | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  if (from === '') return { from: Math.max(0, length - Number(to)), to: length - 1 };
  return { from: Number(from), to: to === '' ? length - 1 : Math.min(Number(to), length - 1) };
}

/** Answers `/v2/<name>/blobs/uploads/<session>`. */
export function answerUpload(state: RouteState, request: RegistryRequest, name: string): RegistryAnswer {
  if (request.method === 'POST') return startUpload(state, request, name);
  const begun = state.sessions.get(request.reference);
  if (begun === undefined) return refused(404, 'BLOB_UPLOAD_UNKNOWN');
  if (request.method === 'GET') return underWay(name, { session: request.reference, size: begun.length, status: 204 });
  if (request.method === 'DELETE') {
    state.sessions.delete(request.reference);
    return { status: 204 };
  }
  if (!follows(request, begun.length)) return { status: 416, headers: progress(name, request.reference, begun.length) };
  const bytes = Buffer.concat([begun, request.body]);
  if (request.method === 'PATCH') {
    state.sessions.set(request.reference, bytes);
    return underWay(name, { session: request.reference, size: bytes.length, status: 202 });
  }
  return finish(state, { request, name, bytes });
}

/** A chunk that says where it belongs must belong right behind what is there, and be as long as it says. */
function follows({ headers, body }: RegistryRequest, size: number): boolean {
  const [, from, to] = /^(?:bytes[ =])?(\d+)-(\d+)$/.exec(headers['content-range'] ?? '') ?? [];
  if (from === undefined) return headers['content-range'] === undefined;
  return Number(from) === size && Number(to) - Number(from) + 1 === body.length;
}

interface Whole {
  readonly request: RegistryRequest;
  readonly name: string;
  readonly bytes: Buffer;
}

function finish(state: RouteState, { request, name, bytes }: Whole): RegistryAnswer {
  const digest = request.query.get('digest') ?? '';
  if (!DIGEST.test(digest)) return refused(400, 'DIGEST_INVALID', 'a digest is needed');
  state.sessions.delete(request.reference);
  if (sha(bytes, digest.slice(0, digest.indexOf(':'))) !== digest)
    return refused(400, 'DIGEST_INVALID', 'provided digest did not match');
  state.repository(name).blobs.set(digest, bytes);
  return stored(name, digest);
}

function startUpload(state: RouteState, request: RegistryRequest, name: string): RegistryAnswer {
  const { query, body } = request;
  if (query.has('digest')) return finish(state, { request, name, bytes: body });
  const digest = query.get('mount');
  const from = query.get('from');
  const blob = digest === null || from === null || !state.mount ? undefined : state.repository(from).blobs.get(digest);
  if (digest !== null && blob !== undefined) {
    state.repository(name).blobs.set(digest, blob);
    return stored(name, digest);
  }
  const session = randomUUID();
  state.sessions.set(session, Buffer.alloc(0));
  return underWay(name, { session, size: 0, status: 202 });
}

function stored(name: string, digest: string): RegistryAnswer {
  return { status: 201, headers: { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest } };
}

function underWay(
  name: string,
  { session, size, status }: { readonly session: string; readonly size: number; readonly status: number },
): RegistryAnswer {
  return { status, headers: progress(name, session, size) };
}

/** The address is relative and has a query of its own: both are allowed, and clients get both wrong. */
function progress(name: string, session: string, size: number): Record<string, string> {
  return {
    location: `/v2/${name}/blobs/uploads/${session}?_state=a%2Fb%3D`,
    range: `0-${Math.max(0, size - 1)}`,
    'docker-upload-uuid': session,
  };
}
