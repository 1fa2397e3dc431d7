import { PlimsollError } from '../../runtime/errors.ts';
import { type Clock, systemClock } from '../../runtime/clock.ts';
import type { Http, HttpResponse } from '../../runtime/http.ts';
import { isTransient, RETRY, type RetryTable, withRetry } from '../../runtime/retry.ts';
import { retryAfter } from '../../runtime/retry-after.ts';

export interface SourcePorts {
  readonly http: Http;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** What is tried again; `RETRY` unless given. */
  readonly retry?: RetryTable;
}

export interface SourceQuestion extends Partial<SourcePorts> {
  readonly http: Http;
  readonly headers?: Record<string, string>;
  /** `GET` unless given. */
  readonly method?: 'GET' | 'HEAD';
}

/** The answer, whatever it is; what may pass by itself is asked again. */
export function askSource(url: URL, options: SourceQuestion): Promise<HttpResponse> {
  const { http, headers = {}, method = 'GET', signal, clock = systemClock, retry: table = RETRY } = options;
  const signalled = signal === undefined ? {} : { signal };
  return withRetry<HttpResponse>(
    async () => {
      const response = await http.request({ url, method, headers, ...signalled }).catch((cause: unknown) => {
        if (signal?.aborted === true || !isTransient(cause)) throw cause;
        return new Error(`${method} ${url.href}: no answer`, { cause });
      });
      if (response instanceof Error) return { failure: response };
      if (!table.statuses.has(response.status)) return { value: response };
      const after = retryAfter(response.headers, await response.text(64 * 1024).catch(() => ''), clock.now());
      const failure = unavailable(response.status, url);
      return { failure, ...(after === undefined ? {} : { after }) };
    },
    { clock, table, ...signalled },
  );
}

/**
 * A whole document.
 *
 * @param limit bytes
 * @throws PlimsollError `registry-unavailable`, `registry-protocol`; what the transport throws
 */
export async function getFrom(url: URL, limit: number, ports: SourcePorts): Promise<Buffer> {
  const response = await askSource(url, ports);
  await refuseOther(response, url);
  return response.bytes(limit);
}

export async function refuseOther(response: HttpResponse, url: URL): Promise<void> {
  if (response.status === 200) return;
  await response.discard();
  throw unavailable(response.status, url);
}

export function unavailable(status: number, url: URL): PlimsollError {
  return new PlimsollError('registry-unavailable', `GET ${url.href} answered ${status}`, {
    hint: 'Check the address of this source, and whether it can be reached from this runner.',
  });
}
