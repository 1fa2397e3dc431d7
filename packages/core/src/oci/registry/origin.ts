import type { Attempt } from '../../runtime/retry.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import type { Http, HttpResponse } from '../../runtime/http.ts';
import { speaksTls } from '../../runtime/http-tls-probe.ts';
import { type ExchangePorts, tryExchange } from './exchange.ts';
import { isLoopback } from './loopback.ts';

export interface OriginPorts extends ExchangePorts {
  readonly http: Http;
  readonly userAgent: string;
  /** Told the `WWW-Authenticate` of a registry that wants credentials. */
  readonly onChallenge: (header: string | undefined) => Promise<unknown>;
}

/** Docker Hub's registry does not live at the name it goes by. */
const ADDRESSES: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io' };

/**
 * Asks the base of the API (`/v2/`) once: it tells whether there is a registry, whether it speaks TLS,
 * and how it wants to be authorized. Plain HTTP is for loopback hosts only, and only where nothing speaks TLS.
 */
export async function findOrigin(registry: string, ports: OriginPorts): Promise<Attempt<URL>> {
  const host = ADDRESSES[registry] ?? registry;
  const secure = new URL(`https://${host}`);
  if (!isLoopback(host)) return ping(secure, ports);
  try {
    const result = await ping(secure, ports);
    return 'failure' in result && speaksNoTls(result.failure) ? await ping(new URL(`http://${host}`), ports) : result;
  } catch (error) {
    if (speaksNoTls(error)) return ping(new URL(`http://${host}`), ports);
    throw error;
  }
}

function ping(origin: URL, ports: OriginPorts): Promise<Attempt<URL>> {
  const url = new URL('/v2/', origin);
  const { http, signal, userAgent } = ports;
  const request = { method: 'GET', url, headers: { 'user-agent': userAgent }, redirect: 'same-host' } as const;
  const send = async () => ({
    response: await http.request({ ...request, ...(signal === undefined ? {} : { signal }) }),
    authenticated: false,
  });
  // 403 and 404 come from registries that open the base only to those who are logged in.
  return tryExchange(
    { method: 'GET', url, send, expect: [200, 401, 403, 404], read: (response) => answered(response, origin, ports) },
    ports,
  );
}

async function answered(response: HttpResponse, origin: URL, ports: OriginPorts): Promise<URL> {
  await response.discard();
  if (response.status === 401) await ports.onChallenge(response.headers['www-authenticate']);
  return origin;
}

/**
 * Where a registry lives, without asking it anything; for a client that has no credentials for it, whose first
 * request tells the rest. Plain HTTP is for loopback ports that do not finish a TLS handshake.
 */
export async function knownOrigin(registry: string): Promise<URL> {
  const host = ADDRESSES[registry] ?? registry;
  const secure = new URL(`https://${host}`);
  return !isLoopback(host) || (await speaksTls(secure)) ? secure : new URL(`http://${host}`);
}

/** True for the errors that a TLS handshake with a plain HTTP server ends in. */
function speaksNoTls(error: unknown): boolean {
  if (!(error instanceof PlimsollError) || error.code !== 'registry-unreachable') return false;
  for (let at = error.cause, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (
      'code' in at &&
      typeof at.code === 'string' &&
      /^(?:EPROTO|ERR_SSL_\w+|ECONNRESET|UND_ERR_SOCKET)$/.test(at.code)
    )
      return true;
  }
  return false;
}
