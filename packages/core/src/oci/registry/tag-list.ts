import type { HttpResponse } from '../../runtime/http.ts';
import type { Scopes } from '../auth/scope.ts';
import type { Endpoint } from './endpoint.ts';
import { errorCodes, refusal } from './failure.ts';
import { listPages } from './pages.ts';

/** Error codes by which registries say that a repository has never been pushed to. */
const NO_REPOSITORY: ReadonlySet<string> = new Set(['NAME_UNKNOWN', 'NOT_FOUND']);

/** Bytes of one page. Some registries ignore `n` and send everything at once. */
const LONGEST_PAGE = 64 * 1024 * 1024;

/** `GET /v2/<name>/tags/list` to its last page (distribution specification, "Listing Tags"). */
export function listTags(endpoint: Endpoint, repository: string, scopes: Scopes): Promise<string[]> {
  return listPages(endpoint, `/v2/${repository}/tags/list?n=1000`, { scopes, expect: [200, 404], read: readPage });
}

async function readPage(response: HttpResponse): Promise<readonly string[] | 'end'> {
  const { status, headers, url } = response;
  if (status === 200) return (await response.json<{ tags?: string[] | null } | null>(LONGEST_PAGE))?.tags ?? [];
  const text = await response.text();
  if (errorCodes(text).some((code) => NO_REPOSITORY.has(code))) return 'end';
  throw refusal({ method: 'GET', url, status, headers, text, authenticated: true });
}
