import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Server } from 'node:net';

/** The state of a socket that listens, in the tables of proc_net_tcp. */
const LISTEN = '0A';

/** The port of a listening TCP server. */
export function portOf(address: ReturnType<Server['address']>): number {
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on TCP');
  return address.port;
}

/** The ports of IPv4 addresses on which a process listens, as the kernel tells (proc(5), proc_pid_net). */
export function listeningPorts(pid: number): number[] {
  const sockets = socketsOf(pid);
  const listening = table(`/proc/${pid}/net/tcp`).filter(({ state, inode }) => state === LISTEN && sockets.has(inode));
  return listening.map(({ local }) => Number.parseInt(local.split(':')[1] ?? '', 16));
}

/** The inodes of the sockets that a process holds open; none when it has ended. */
function socketsOf(pid: number): ReadonlySet<string> {
  const directory = `/proc/${pid}/fd`;
  const targets = (ifThere(() => readdirSync(directory)) ?? []).map((name) =>
    ifThere(() => readlinkSync(`${directory}/${name}`)),
  );
  return new Set(targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target ?? '')?.[1] ?? []));
}

function table(file: string): { local: string; state: string; inode: string }[] {
  const [, ...lines] = (ifThere(() => readFileSync(file, 'utf8')) ?? '').trimEnd().split('\n');
  return lines.map((line) => {
    const columns = line.trim().split(/\s+/);
    return { local: columns[1] ?? '', state: columns[3] ?? '', inode: columns[9] ?? '' };
  });
}

/** A process and its descriptors may be gone between the listing and the look at them. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
