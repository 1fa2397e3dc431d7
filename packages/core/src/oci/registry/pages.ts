import type { HttpResponse } from '../../runtime/http.ts';
import type { Endpoint, RegistryRequest } from './endpoint.ts';
import { protocolFailure } from './failure.ts';

/** More pages than any honest list has. */
const MOST_PAGES = 10_000;

/** A paginated `GET` as a registry takes it. */
export type ListRequest = Omit<RegistryRequest, 'method' | 'to'>;

/** What one page gives: its items, or `end` when there is no list at all. */
export type ReadPage<T> = (response: HttpResponse) => Promise<readonly T[] | 'end'>;

/**
 * Follows `Link: <…>; rel="next"` (RFC 8288) to the end. The next page is always asked of the same
 * host: only path and query of a link count.
 */
export async function listPages<T>(
  endpoint: Endpoint,
  first: string,
  list: ListRequest & { read: ReadPage<T> },
): Promise<T[]> {
  const { read, ...request } = list;
  const items: T[] = [];
  const seen = new Set<string>();
  for (let to: string | undefined = first; to !== undefined; ) {
    if (seen.has(to) || seen.size >= MOST_PAGES) {
      throw protocolFailure(
        { method: 'GET', url: new URL(to, await endpoint.origin()) },
        'the pages of this list never end',
      );
    }
    seen.add(to);
    to = await endpoint.call<string | undefined>({ ...request, method: 'GET', to }, async (response) => {
      const page = await read(response);
      if (page === 'end') return undefined;
      items.push(...page);
      return nextPage(response);
    });
  }
  return items;
}

function nextPage({ headers, url }: HttpResponse): string | undefined {
  const target = /<([^>]*)>\s*;[^<]*\brel="?next"?/i.exec(headers['link'] ?? '')?.[1];
  if (target === undefined || !URL.canParse(target, url.href)) return undefined;
  const next = new URL(target, url);
  return `${next.pathname}${next.search}`;
}
