import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { listeningPorts, portOf } from './ports.ts';

test('knows the ports on which a process listens, and none of its connections', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server.address());
  const client = connect(port, '127.0.0.1');
  await once(client, 'connect');

  const found = listeningPorts(process.pid);
  expect(found).toContain(port);
  expect(found).not.toContain(client.localPort);

  client.destroy();
  await once(server.close(), 'close');
  expect(listeningPorts(process.pid)).not.toContain(port);
});

test('does not take the port of another process for its own', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  expect(listeningPorts(process.ppid)).not.toContain(portOf(server.address()));
  await once(server.close(), 'close');
});
