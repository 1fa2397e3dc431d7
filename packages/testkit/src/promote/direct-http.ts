import type { Http, HttpRequest, HttpResponse } from '@plimsoll/core/runtime/http';
import { route } from '../registry/memory-routes.ts';
import { type RouteOptions, type RouteState, SPECIFIED } from '../registry/memory-rules.ts';
import type { MemoryRepository } from '../registry/memory-store.ts';
import { type Fault, parseTarget, type RegistryAnswer, type RegistryRequest } from '../registry/memory-wire.ts';

/** A registry without a socket: requests are function calls, so that thousands of runs take seconds. */
export interface DirectRegistry {
  readonly http: Http;
  readonly requests: RegistryRequest[];
  onRequest: (request: RegistryRequest) => Fault;
  repository(name: string): MemoryRepository;
}

/** @param host under which it is known; not a loopback name, which would be probed for TLS */
export function directRegistry(options: Partial<RouteOptions> = {}): DirectRegistry {
  const repositories = new Map<string, MemoryRepository>();
  const repository = (name: string): MemoryRepository => {
    const known = repositories.get(name) ?? { manifests: new Map(), blobs: new Map(), tags: new Map() };
    repositories.set(name, known);
    return known;
  };
  const known = (name: string) => repositories.has(name);
  const state: RouteState = { ...SPECIFIED, ...options, known, repository, sessions: new Map() };
  const registry: DirectRegistry = { http: { request }, requests: [], onRequest: () => undefined, repository };

  async function request(asked: HttpRequest): Promise<HttpResponse> {
    const head = parseTarget(asked.method, asked.url, asked.headers ?? {});
    registry.requests.push(head);
    const fault = registry.onRequest(head);
    if (fault === 'reset') throw new Error('socket hang up');
    if (fault !== undefined && 'status' in fault) return respond(asked, fault);
    const answer = answerTo({ ...head, body: await bodyOf(asked) });
    return respond(asked, answer, fault?.truncate);
  }

  function answerTo(head: RegistryRequest): RegistryAnswer {
    return head.kind === 'base' ? { status: 200, body: '{}' } : route(state, head);
  }
  return registry;
}

async function bodyOf({ body }: HttpRequest): Promise<Buffer> {
  if (body === undefined) return Buffer.alloc(0);
  if (typeof body !== 'function') return Buffer.from(body);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function respond({ url, method }: HttpRequest, answer: RegistryAnswer, cut?: number): HttpResponse {
  const content = Buffer.from(answer.body ?? '');
  const sent = method === 'HEAD' ? Buffer.alloc(0) : content;
  async function* body(): AsyncIterable<Uint8Array> {
    yield sent.subarray(0, cut);
    if (cut !== undefined && cut < sent.length) throw new Error('other side closed');
  }
  const bytes = async () => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body()) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  const type = answer.status >= 400 ? { 'content-type': 'application/json' } : {};
  return {
    status: answer.status,
    headers: { ...type, 'content-length': String(content.length), ...answer.headers },
    url,
    body: body(),
    bytes,
    text: async () => (await bytes()).toString('utf8'),
    json: async <T>() => JSON.parse((await bytes()).toString('utf8')) as T,
    discard: () => Promise.resolve(),
  };
}
