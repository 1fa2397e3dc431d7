import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { createAuthority } from '../authority.ts';
import { Forwarder } from '../forward.ts';
import type { Lifetime } from '../lifetime.ts';
import { type Handler, runHandler, sendJson } from '../local-server.ts';
import { portOf } from '../ports.ts';
import { RegistryFront } from './front.ts';
import { startOlareg } from './olareg.ts';
import { QuayApiServer } from './quay-api.ts';
import { TokenAuth } from './token-auth.ts';

/** A registry that behaves as quay.io: TLS with HTTP/2, the referrers API, robot accounts. */
export interface Quay {
  /** `127.0.0.1:port`, TLS only. */
  readonly host: string;
  readonly username: string;
  readonly password: string;
  /** PEM of the authority behind its certificate. */
  readonly caFile: string;
  /** Repositories that need credentials to pull too; the others are public. */
  readonly privateRepositories: Set<string>;
  readonly front: RegistryFront;
  /** Its own API, beside the registry's. */
  readonly api: QuayApiServer;
}

const TOKEN_PATH = '/v2/auth';

export async function startQuay(lifetime: Lifetime, olareg: string): Promise<Quay> {
  const backend = await startOlareg(lifetime, olareg);
  const forwarder = new Forwarder(backend);
  const api = new QuayApiServer(`http://${backend.host}:${backend.port}`);
  lifetime.defer(() => forwarder.close());
  const privateRepositories = new Set<string>();
  api.onVisibility = (name, visibility) =>
    void (visibility === 'public' ? privateRepositories.delete(name) : privateRepositories.add(name));
  const username = 'acme+robot';
  const password = `quay-${randomUUID()}`;
  const auth = new TokenAuth({
    service: 'quay',
    path: TOKEN_PATH,
    scheme: 'https',
    isPublic: (name) => !privateRepositories.has(name),
  });
  auth.accounts.push({ username, password, actions: ['pull', 'push', 'delete'] });
  auth.accounts.push({ username: '$oauthtoken', password: api.token, actions: ['pull', 'push', 'delete'] });
  const manners = { answer: () => Promise.resolve(false) };
  const front = new RegistryFront({ auth, tokenPath: TOKEN_PATH, forwarder, manners });
  const caFile = lifetime.file('quay', 'ca.pem');
  const handle: Handler = async (request, response) => {
    const answer = await api.handle(request);
    if (answer === undefined) await front.handle(request, response);
    else sendJson(response, answer);
  };
  const host = await serveSecurely(lifetime, handle, caFile);
  return { host, username, password, caFile, privateRepositories, front, api };
}

async function serveSecurely(lifetime: Lifetime, handle: Handler, caFile: string): Promise<string> {
  const authority = createAuthority('Plimsoll test authority');
  writeFileSync(caFile, authority.certificate);
  const { certificate: cert, key } = authority.issue(['127.0.0.1', 'localhost']);
  const server = createSecureServer({ cert, key, allowHTTP1: true });
  server.on('request', (request, response) => {
    // Node's compatibility layer gives HTTP/2 messages the shape of HTTP/1.1 ones.
    const [incoming, outgoing] = [request, response] as unknown as [IncomingMessage, ServerResponse];
    void runHandler(handle, incoming, outgoing);
  });
  const sockets = new Set<TLSSocket>();
  server.on('secureConnection', (socket: TLSSocket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  server.unref();
  lifetime.defer(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `127.0.0.1:${portOf(server.address())}`;
}
