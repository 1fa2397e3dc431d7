import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Daemon } from './daemon.ts';

/** Distinct ports of 127.0.0.1 that were free a moment ago, for programs that cannot choose one themselves. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => portOf(server.address()));
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** The port of a listening TCP server. */
export function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on TCP');
  return address.port;
}

/**
 * Starts a daemon on ports chosen for it; when somebody else took one in the meantime, again on others.
 * `ready` resolves when it serves.
 */
export async function onFreePorts(
  count: number,
  start: (ports: readonly number[]) => { daemon: Daemon; ready: () => Promise<void> },
): Promise<readonly number[]> {
  for (let attempt = 1; ; attempt++) {
    const ports = await freePorts(count);
    const { daemon, ready } = start(ports);
    try {
      await ready();
      return ports;
    } catch (error) {
      if (attempt === 5 || !daemon.portClash) throw error;
    }
  }
}
