import type { IncomingMessage, ServerResponse } from 'node:http';

export type RequestKind = 'base' | 'token' | 'tags' | 'manifest' | 'blob' | 'upload' | 'referrers' | 'other';

/** One request as it came in. `body` is empty while a fault is being chosen. */
export interface RegistryRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly kind: RequestKind;
  readonly repository?: string;
  /** Tag, digest or upload session; empty where there is none. */
  readonly reference: string;
  readonly httpVersion: string;
  readonly body: Buffer;
}

export interface RegistryAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

/** Instead of the answer: another one, a connection that breaks at once, or one that breaks within the body. */
export type Fault = RegistryAnswer | 'reset' | { readonly truncate: number } | undefined;

const ROUTES: readonly (readonly [RequestKind, RegExp])[] = [
  ['base', /^\/v2\/?$/],
  ['token', /^\/token$/],
  ['tags', /^\/v2\/(.+)\/tags\/list$/],
  ['upload', /^\/v2\/(.+)\/blobs\/uploads\/([^/]*)$/],
  ['manifest', /^\/v2\/(.+)\/manifests\/([^/]+)$/],
  ['blob', /^\/v2\/(.+)\/blobs\/([^/]+)$/],
  ['referrers', /^\/v2\/(.+)\/referrers\/([^/]+)$/],
];

export function parseRequest(incoming: IncomingMessage): RegistryRequest {
  const url = new URL(incoming.url ?? '/', 'http://memory.invalid');
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  return { ...parseTarget(incoming.method ?? 'GET', url, headers), httpVersion: incoming.httpVersion };
}

/** What a request line asks for. */
export function parseTarget(method: string, url: URL, headers: RegistryRequest['headers']): RegistryRequest {
  const [kind, pattern] = ROUTES.find(([, one]) => one.test(url.pathname)) ?? (['other', /^/] as const);
  const [, repository, reference = ''] = pattern.exec(url.pathname) ?? [];
  const common = {
    method,
    path: url.pathname,
    query: url.searchParams,
    headers,
    kind,
    reference,
    httpVersion: '1.1',
    body: Buffer.alloc(0),
  };
  return repository === undefined ? common : { ...common, repository };
}

export async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function headersOf(answer: RegistryAnswer): Record<string, string> {
  const type = answer.status >= 400 && answer.body !== undefined ? { 'content-type': 'application/json' } : {};
  return { ...type, ...answer.headers, 'content-length': String(Buffer.byteLength(answer.body ?? '')) };
}

export function send(response: ServerResponse, { method }: RegistryRequest, answer: RegistryAnswer): void {
  response.writeHead(answer.status, headersOf(answer));
  response.end(method === 'HEAD' ? undefined : answer.body);
}

export function truncate(response: ServerResponse, answer: RegistryAnswer, bytes: number): void {
  response.writeHead(answer.status, headersOf(answer));
  response.write(Buffer.from(answer.body ?? '').subarray(0, bytes), () => reset(response));
}

export function reset(response: ServerResponse): void {
  const stream: { close?: (code: number) => void } = 'stream' in response ? (response.stream as object) : {};
  if (stream.close === undefined) response.destroy();
  else stream.close(8);
}
