import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTlsServer, type Server } from 'node:https';
import { connect, type Socket } from 'node:net';
import { createAuthority } from '../world/authority.ts';
import type { Lifetime } from '../world/lifetime.ts';
import { portOf } from '../world/ports.ts';

/** Somebody between the runner and github.com, with a certificate that the runner trusts. */
export interface ReleaseProxy {
  /** What a step must have in its environment to go through it. */
  readonly env: Readonly<Record<string, string>>;
  /** Addresses that were asked for. */
  readonly requests: readonly string[];
}

/** Answers every release of github.com with `content`. */
export async function startReleaseProxy(lifetime: Lifetime, content: Buffer): Promise<ReleaseProxy> {
  const authority = createAuthority('Plimsoll release proxy');
  const { certificate: cert, key } = authority.issue(['github.com']);
  const requests: string[] = [];
  const impostor = createTlsServer({ cert, key }, (request, response) => {
    requests.push(`https://${request.headers.host}${request.url}`);
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': content.length });
    response.end(content);
  });
  const impostorPort = await listen(lifetime, impostor);
  const proxy = createHttpServer();
  proxy.on('connect', (_request, client: Socket) => {
    const upstream = connect(impostorPort, '127.0.0.1', () =>
      client.write('HTTP/1.1 200 Connection established\r\n\r\n'),
    );
    client.pipe(upstream).pipe(client);
    for (const [one, other] of [[client, upstream] as const, [upstream, client] as const]) {
      one.on('error', () => other.destroy());
    }
  });
  const port = await listen(lifetime, proxy);
  const caFile = lifetime.file('release-proxy', 'ca.pem');
  writeFileSync(caFile, authority.certificate);
  const env = { https_proxy: `http://127.0.0.1:${port}`, no_proxy: '127.0.0.1', NODE_EXTRA_CA_CERTS: caFile };
  return { env, requests };
}

async function listen(lifetime: Lifetime, server: Server | ReturnType<typeof createHttpServer>): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  server.unref();
  lifetime.defer(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return portOf(server.address());
}
