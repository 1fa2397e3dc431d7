import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Lifetime } from './lifetime.ts';
import { portOf } from './ports.ts';

/** Bytes; blobs of any size pass through these servers. */
export const HIGH_WATER_MARK = 1024 * 1024;

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** A server of this process on 127.0.0.1, closed with its world. */
export interface LocalServer {
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** `http://127.0.0.1:port`. */
  readonly url: string;
}

/** Serves plain HTTP; a handler that throws answers 500 with the error, so that a test sees it. */
export async function serveLocally(lifetime: Lifetime, handler: Handler): Promise<LocalServer> {
  const server = createServer({ highWaterMark: HIGH_WATER_MARK }, (request, response) => {
    void runHandler(handler, request, response);
  });
  server.keepAliveTimeout = 60_000;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  server.unref();
  lifetime.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  const host = `127.0.0.1:${portOf(server.address())}`;
  return { host, url: `http://${host}` };
}

/** Runs a handler, and survives its failure: a client that goes away must not end the world's process. */
export async function runHandler(handler: Handler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await handler(request, response);
  } catch (error) {
    refuse(response, error);
  }
}

function refuse(response: ServerResponse, error: unknown): void {
  try {
    if (response.headersSent) response.destroy();
    else sendJson(response, { status: 500, body: { message: String(error) } });
  } catch {
    // HTTP/2 throws where HTTP/1.1 is silent: there is nobody left to answer.
    response.destroy();
  }
}

export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function sendJson(response: ServerResponse, answer: JsonAnswer): void {
  response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8', ...answer.headers });
  response.end(JSON.stringify(answer.body));
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
