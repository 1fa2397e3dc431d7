import { answerBlob, answerUpload } from './memory-blobs.ts';
import { answerManifest } from './memory-manifests.ts';
import { refused, type RouteState } from './memory-rules.ts';
import { referrersOf, type RepositoryShelves } from './memory-store.ts';
import type { RegistryAnswer, RegistryRequest } from './memory-wire.ts';

/** A component of a repository's name, and the whole (distribution specification, "Pulling manifests"). */
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const DIGEST = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/;
const MOST_TAGS = 1_000;

/** Answers what is below `/v2/<name>/`, by the distribution specification 1.1. */
export function route(state: RouteState, request: RegistryRequest): RegistryAnswer {
  const name = request.repository ?? '';
  if (!NAME.test(name) && request.repository !== undefined) return refused(400, 'NAME_INVALID');
  if (request.method === 'DELETE' && !state.deletes && request.kind !== 'upload') return refused(405, 'UNSUPPORTED');
  switch (request.kind) {
    case 'tags':
      return state.known(name) ? tagList(state, state.repository(name), request) : refused(404, 'NAME_UNKNOWN');
    case 'manifest':
      return answerManifest(state, state.repository(name), request);
    case 'blob':
      return answerBlob(state.repository(name), request);
    case 'upload':
      return answerUpload(state, request, name);
    case 'referrers':
      return referrersRoute(state, request, name);
    case 'base':
    case 'token':
    case 'other':
      return refused(404, 'UNSUPPORTED');
    default:
      return request.kind satisfies never;
  }
}

function tagList(
  { tagOrder }: RouteState,
  { tags: shelf }: RepositoryShelves,
  { query, repository: name = '', method }: RegistryRequest,
): RegistryAnswer {
  if (method !== 'GET' && method !== 'HEAD') return refused(405, 'UNSUPPORTED');
  const all = [...shelf].map(([tag]) => tag);
  const last = query.get('last') ?? '';
  const rest =
    tagOrder === 'pushed' ? all.slice(all.indexOf(last) + 1) : all.toSorted(bytewise).filter((tag) => tag > last);
  const size = Math.min(MOST_TAGS, Number(query.get('n') ?? 100));
  if (!Number.isSafeInteger(size) || size < 0) return refused(400, 'PAGINATION_NUMBER_INVALID');
  const tags = rest.slice(0, size);
  const more = rest.length > size && size > 0;
  const link = `</v2/${name}/tags/list?n=${size}&last=${encodeURIComponent(tags.at(-1) ?? '')}>; rel="next"`;
  return json({ name, tags }, more ? { link } : {});
}

function bytewise(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function referrersRoute(state: RouteState, { reference, query }: RegistryRequest, name: string): RegistryAnswer {
  if (!state.referrersApi)
    return { status: 404, headers: { 'content-type': 'text/plain' }, body: '404 page not found\n' };
  if (!DIGEST.test(reference)) return refused(400, 'DIGEST_INVALID');
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
