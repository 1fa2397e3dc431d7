import type { RestRequest, RestResponse } from './ledger.ts';
import { type PackageState, REFUSALS, type StoredVersion } from './package-state.ts';

/** What a test may bend about the REST plane. */
export interface RestKnobs {
  /** Order of the versions list. Default newest first. */
  order?: 'desc' | 'asc';
  /** Leave `version_count` out, as an old server does. */
  hideCount?: boolean;
  /** Versions still listed after they were deleted. */
  staleListed?: readonly StoredVersion[];
}

/** A request about one package; `rest` is the path after the package's name. */
export interface PackageCall {
  readonly request: RestRequest;
  readonly rest: string;
  readonly knobs: RestKnobs;
}

/** Answers `/packages/container/{name}` and what is below it. */
export function answerPackage(state: PackageState, call: PackageCall): RestResponse {
  const { request, rest, knobs } = call;
  const [path = '', query = ''] = rest.split('?');
  if (path === '') return request.method === 'GET' ? json(200, describe(state, request, knobs)) : notFound();
  if (path === '/versions') return listVersions(state, new URLSearchParams(query), call);
  const parts = /^\/versions\/(\d+)(\/restore)?$/.exec(path);
  if (parts === null) return notFound();
  const id = Number(parts[1]);
  if (request.method === 'POST' && parts[2] !== undefined) return state.restore(id) ? empty(204) : packageNotFound();
  if (request.method === 'DELETE') return deleteVersion(state, id);
  const version = state.versions.get(id);
  if (version === undefined || version.deletedAt !== undefined) return notFound();
  return json(200, versionJson(version, request));
}

function deleteVersion(state: PackageState, id: number): RestResponse {
  const outcome = state.delete(id);
  if (outcome === 'deleted') return empty(204);
  return outcome === 'missing' ? packageNotFound() : failure(400, REFUSALS[outcome]);
}

function describe(state: PackageState, request: RestRequest, { hideCount }: RestKnobs): object {
  const count = hideCount === true ? {} : { version_count: state.count };
  const url = request.apiUrl + request.target;
  return {
    id: 1,
    name: decodeURIComponent(url.split('/').at(-1) ?? ''),
    package_type: 'container',
    visibility: state.visibility,
    url,
    ...count,
  };
}

function listVersions(state: PackageState, query: URLSearchParams, { request, knobs }: PackageCall): RestResponse {
  const size = Math.min(100, Number(query.get('per_page') ?? 30));
  const page = Number(query.get('page') ?? 1);
  const all = query.get('state') === 'deleted' ? state.deleted() : [...state.list(), ...(knobs.staleListed ?? [])];
  if (knobs.order === 'asc') all.reverse();
  const last = Math.max(1, Math.ceil(all.length / size));
  const link = linkHeader(request, { page, last });
  const body = all.slice((page - 1) * size, page * size).map((version) => versionJson(version, request));
  return json(200, body, link === '' ? {} : { link });
}

function linkHeader({ apiUrl, target }: RestRequest, { page, last }: { page: number; last: number }): string {
  const at = (number: number, rel: string) => {
    const url = new URL(apiUrl + target);
    url.searchParams.set('page', String(number));
    return `<${url.href}>; rel="${rel}"`;
  };
  const back = page > 1 ? [at(page - 1, 'prev'), at(1, 'first')] : [];
  return [...back, ...(page < last ? [at(page + 1, 'next'), at(last, 'last')] : [])].join(', ');
}

function versionJson(version: StoredVersion, { apiUrl, target }: RestRequest): object {
  const time = new Date(version.createdAt).toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    id: version.id,
    name: version.digest,
    url: `${apiUrl}${target.replace(/\/versions.*$/, '')}/versions/${version.id}`,
    created_at: time,
    updated_at: time,
    ...(version.deletedAt !== undefined && { deleted_at: new Date(version.deletedAt).toISOString() }),
    metadata: { package_type: 'container', container: { tags: [...version.tags] } },
  };
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): RestResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

export function failure(status: number, message: string, headers: Readonly<Record<string, string>> = {}): RestResponse {
  return json(status, { message, documentation_url: 'https://docs.github.com/rest', status: String(status) }, headers);
}

function empty(status: number): RestResponse {
  return { status, headers: {}, body: '' };
}

function notFound(): RestResponse {
  return failure(404, 'Not Found');
}

/** GitHub's answer both for a version that is not there and for a token that may not administer the package. */
export function packageNotFound(): RestResponse {
  return failure(404, 'Package not found.');
}
