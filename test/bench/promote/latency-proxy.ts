import { Agent, createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A request that came by. */
export interface TimedRequest {
  /** `METHOD path` */
  readonly line: string;
  /** Milliseconds by `performance.now()`. */
  readonly started: number;
  /** The same, when the last byte of the answer was passed on; `undefined` while it is under way. */
  ended?: number;
}

/** A door to a registry that is as slow as a distant one, and counts who knocks. */
export interface LatencyProxy extends AsyncDisposable {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** Every request since the last {@link reset}, in order. */
  readonly requests: readonly TimedRequest[];
  reset(): void;
}

/**
 * Starts one in this process.
 *
 * @param latencyMs added to each request, before it is passed on
 */
export async function startLatencyProxy(upstream: string, latencyMs: number): Promise<LatencyProxy> {
  const [hostname, port] = upstream.split(':');
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const requests: TimedRequest[] = [];
  const server = createServer((incoming, response) => void pass(incoming, response));

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = incoming;
    const timed: TimedRequest = { line: `${method} ${url}`, started: performance.now() };
    requests.push(timed);
    if (latencyMs > 0) await delay(latencyMs);
    const onward = send({ agent, hostname, port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => {
      timed.ended = performance.now();
      onward.destroy();
    });
    incoming.pipe(onward);
  }

  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    reset: () => requests.splice(0),
    async [Symbol.asyncDispose]() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
