import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { World } from '../world/world.ts';

export type SigstoreService = 'fulcio' | 'rekor' | 'tsa';

/** A request that a signing tool sent. */
export interface SigstoreRequest {
  readonly service: SigstoreService;
  readonly method: string;
  readonly path: string;
}

const MEMBERS = { caUrls: 'fulcio', rekorTlogUrls: 'rekor', tsaUrls: 'tsa' } as const;

/** Stands in front of the world's Sigstore: counts what is asked of it, and answers in its place when a test wants it. */
export class SigstoreFront {
  readonly requests: SigstoreRequest[] = [];
  /** A status to answer with, in the place of the service. */
  intercept: ((request: SigstoreRequest) => number | undefined) | undefined;
  readonly #servers: readonly Server[];
  /** Path of a signing configuration that leads here. */
  readonly signingConfig: string;

  private constructor(signingConfig: string, servers: readonly Server[]) {
    this.signingConfig = signingConfig;
    this.#servers = servers;
  }

  static async start({ sigstore, directory }: Pick<World, 'sigstore' | 'directory'>): Promise<SigstoreFront> {
    const config = JSON.parse(readFileSync(sigstore.signingConfig, 'utf8')) as Record<string, { url: string }[]>;
    const servers: Server[] = [];
    const front = new SigstoreFront(path.join(directory, 'front_signing_config.json'), servers);
    for (const [member, service] of Object.entries(MEMBERS)) {
      for (const entry of config[member] ?? []) {
        const { server, url } = await front.#serve(service, new URL(entry.url));
        servers.push(server);
        entry.url = url;
      }
    }
    writeFileSync(front.signingConfig, JSON.stringify(config));
    return front;
  }

  reset(): void {
    this.requests.length = 0;
    this.intercept = undefined;
  }

  count(service: SigstoreService): number {
    return this.requests.filter((each) => each.service === service).length;
  }

  close(): void {
    for (const server of this.#servers) server.close().closeAllConnections();
  }

  async #serve(service: SigstoreService, target: URL): Promise<{ server: Server; url: string }> {
    const server = createServer((incoming, response) => {
      void this.#answer(service, target, incoming).then(
        ({ status, type, body }) => response.writeHead(status, { 'content-type': type }).end(body),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { server, url: `http://127.0.0.1:${port}${target.pathname === '/' ? '' : target.pathname}` };
  }

  async #answer(service: SigstoreService, target: URL, incoming: IncomingMessage) {
    const request = { service, method: incoming.method ?? 'GET', path: incoming.url ?? '/' };
    this.requests.push(request);
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const status = this.intercept?.(request);
    if (status !== undefined) return { status, type: 'text/html', body: Buffer.from('<html>Bad Gateway</html>') };
    const { authorization = '', 'content-type': type = 'application/json' } = incoming.headers;
    const answer = await fetch(new URL(request.path, target), {
      method: request.method,
      headers: { 'content-type': type, ...(authorization === '' ? {} : { authorization }) },
      ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    return { status: answer.status, type: answer.headers.get('content-type') ?? 'application/json', body };
  }
}
