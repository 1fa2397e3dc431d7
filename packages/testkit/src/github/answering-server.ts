import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One answer of the server; `reset` closes the connection without any. */
export type Answer =
  | 'reset'
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown };

/** A server on loopback that gives the queued answers in turn and records what it was asked. */
export async function startAnsweringServer() {
  const answers: Answer[] = [];
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    const answer = answers.shift() ?? { status: 500 };
    if (answer === 'reset') {
      request.socket.destroy();
      return;
    }
    const { status, headers = {}, body } = answer;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    answers,
    requests,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A clock that never waits and remembers for how long it was asked to. */
export function recordingClock() {
  const waits: number[] = [];
  const sleep = (milliseconds: number) => {
    waits.push(milliseconds);
    return Promise.resolve();
  };
  return { waits, now: () => new Date('2026-11-21T10:00:00Z'), sleep };
}
