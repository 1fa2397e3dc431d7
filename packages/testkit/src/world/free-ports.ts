import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Daemon } from './daemon.ts';
import { portOf } from './ports.ts';

const ATTEMPTS = 5;

/**
 * Starts a program that refuses port 0 on ports that were free a moment ago, and on others when one of them was
 * taken before it listened. Resolves with the port on which it answers a GET of `path` with JSON.
 */
export async function servedOnFreePorts(
  path: string,
  { count, start }: { readonly count: number; readonly start: (ports: readonly number[]) => Daemon },
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const daemon = start(await freePorts(count));
    try {
      return await daemon.servingPort(path);
    } catch (error) {
      if (attempt === ATTEMPTS || !daemon.portClash) throw error;
    }
  }
}

/** Distinct ports of 127.0.0.1. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => portOf(server.address()));
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
