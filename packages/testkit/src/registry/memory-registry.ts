import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type AuthOptions, MemoryAuth } from './memory-auth.ts';
import { route } from './memory-routes.ts';
import { type RouteOptions, type RouteState, SPECIFIED } from './memory-rules.ts';
import type { MemoryRepository } from './memory-store.ts';
import {
  bodyOf,
  type Fault,
  parseRequest,
  type RegistryAnswer,
  type RegistryRequest,
  reset,
  send,
  truncate,
} from './memory-wire.ts';

export type { Fault, RegistryAnswer, RegistryRequest } from './memory-wire.ts';
export type { MemoryRepository, StoredManifest } from './memory-store.ts';

export interface MemoryRegistryOptions extends Partial<RouteOptions> {
  readonly auth?: AuthOptions['kind'];
  readonly username?: string;
  readonly password?: string;
  readonly anonymousPull?: boolean;
  /** Seconds. */
  readonly tokenLife?: number;
  readonly latencyMs?: number;
  /** PEM; the registry then speaks TLS with HTTP/2 and HTTP/1.1. */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly onRequest?: (request: RegistryRequest) => Fault | Promise<Fault>;
}

/** A registry in this process, on a port of 127.0.0.1, that keeps everything in memory and every request in a list. */
export interface MemoryRegistry extends AsyncDisposable {
  /** `127.0.0.1:<port>`, as in references. */
  readonly host: string;
  readonly url: string;
  /** Everything that was asked, in order, the base and token requests included. */
  readonly requests: RegistryRequest[];
  /** Decides about each request before it is answered; may be replaced at any time. */
  onRequest: NonNullable<MemoryRegistryOptions['onRequest']>;
  repository(name: string): MemoryRepository;
  expireTokens(): void;
  stop(): Promise<void>;
}

/** Starts one. Defaults: no authorization, referrers API, mounts. */
export async function startMemoryRegistry(options: MemoryRegistryOptions = {}): Promise<MemoryRegistry> {
  const server = new Running(options);
  await server.start();
  return server;
}

class Running implements MemoryRegistry {
  readonly requests: RegistryRequest[] = [];
  onRequest: NonNullable<MemoryRegistryOptions['onRequest']>;
  readonly #repositories = new Map<string, MemoryRepository>();
  readonly #sockets = new Set<Socket>();
  readonly #auth: MemoryAuth;
  readonly #state: RouteState;
  readonly #server: Server;
  readonly #latency: number;
  readonly #scheme: string;

  constructor({ tls, latencyMs = 0, onRequest, auth = 'none', ...options }: MemoryRegistryOptions) {
    const { username = 'user', password = 'password', anonymousPull = false, tokenLife = 300 } = options;
    this.onRequest = onRequest ?? (() => undefined);
    this.#latency = latencyMs;
    this.#auth = new MemoryAuth({ kind: auth, username, password, anonymousPull, tokenLife });
    const known = (name: string) => this.#repositories.has(name);
    this.#state = {
      ...SPECIFIED,
      ...options,
      known,
      repository: (name) => this.repository(name),
      sessions: new Map(),
    };
    const listener = (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response);
    // The HTTP/2 compatibility layer gives the same two objects as far as they are used here.
    this.#server =
      tls === undefined ? createServer(listener) : createSecureServer({ ...tls, allowHTTP1: true }, listener as never);
    this.#scheme = tls === undefined ? 'http' : 'https';
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `${this.#scheme}://${this.host}`;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  repository(name: string): MemoryRepository {
    const known = this.#repositories.get(name);
    if (known !== undefined) return known;
    const created: MemoryRepository = { manifests: new Map(), blobs: new Map(), tags: new Map() };
    this.#repositories.set(name, created);
    return created;
  }

  expireTokens(): void {
    this.#auth.expireTokens();
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const head = parseRequest(incoming);
      this.requests.push(head);
      const fault = await this.onRequest(head);
      if (this.#latency > 0) await delay(this.#latency);
      if (fault === 'reset') return reset(response);
      if (fault !== undefined && 'status' in fault) return send(response, head, fault);
      const answer = this.#answer({ ...head, body: await bodyOf(incoming) });
      if (fault === undefined) send(response, head, answer);
      else truncate(response, answer, fault.truncate);
    } catch {
      // The client went away in the middle of its request.
      response.destroy();
    }
  }

  #answer(request: RegistryRequest): RegistryAnswer {
    if (request.kind === 'token') return this.#auth.token(request);
    const refused = this.#auth.check(request, this.url);
    if (refused !== undefined) return refused;
    if (request.kind === 'base') return { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' };
    return route(this.#state, request);
  }
}
