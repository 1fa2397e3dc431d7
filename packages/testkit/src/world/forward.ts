import {
  Agent,
  type AgentOptions,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as httpRequest,
  type ServerResponse,
} from 'node:http';
import { HIGH_WATER_MARK } from './local-server.ts';

/** A server behind a front: a Unix socket or a TCP port of 127.0.0.1. */
export type Backend = { readonly socketPath: string } | { readonly host: string; readonly port: number };

/** Sends requests on to one backend over connections that are kept open. */
export class Forwarder {
  readonly #backend: Backend;
  readonly #agent = new Agent({
    keepAlive: true,
    maxSockets: 256,
    maxFreeSockets: 64,
    // The agent hands it on to each socket, though its type does not say so.
    highWaterMark: HIGH_WATER_MARK,
  } as AgentOptions);

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Streams both ways without touching a body. `rewrite` may change the headers of the answer. */
  async stream(
    request: IncomingMessage,
    response: ServerResponse,
    rewrite: (headers: IncomingHttpHeaders) => IncomingHttpHeaders = (headers) => headers,
  ): Promise<void> {
    const answer = await this.#send(request, request.url ?? '/', (outgoing) => request.pipe(outgoing));
    response.writeHead(answer.statusCode ?? 502, rewrite(endToEnd(answer.headers)));
    // The backend broke off: so does the answer, rather than end as if it were whole.
    answer.once('error', () => response.destroy());
    answer.pipe(response);
    if (!response.closed) await new Promise<void>((resolve) => response.once('close', resolve));
    if (!answer.complete) answer.destroy();
  }

  /** Sends `body` instead of the request's own, and reads the whole answer. */
  async exchange(request: IncomingMessage, body: Buffer = Buffer.alloc(0)): Promise<Exchanged> {
    const answer = await this.#send(request, request.url ?? '/', (outgoing) => outgoing.end(body));
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    return { status: answer.statusCode ?? 502, headers: endToEnd(answer.headers), body: Buffer.concat(chunks) };
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(
    request: IncomingMessage,
    path: string,
    write: (outgoing: ReturnType<typeof httpRequest>) => void,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const headers = { ...endToEnd(request.headers), host: hostOf(request) };
      const options = { ...this.#backend, agent: this.#agent, method: request.method ?? 'GET', path, headers };
      const outgoing = httpRequest(options, resolve);
      outgoing.on('error', reject);
      request.once('close', () => {
        if (!request.complete) outgoing.destroy(new Error('the client went away'));
      });
      write(outgoing);
    });
  }
}

export interface Exchanged {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The name the client used, which HTTP/2 sends as a pseudo-header. */
export function hostOf(request: IncomingMessage): string {
  const authority = request.headers[':authority'];
  return request.headers.host ?? (typeof authority === 'string' ? authority : '127.0.0.1');
}

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Without what belongs to one connection only (RFC 9110 section 7.6.1) and HTTP/2's pseudo-headers. */
function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name) && !name.startsWith(':')));
}
