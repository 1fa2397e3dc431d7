import { Daemon, type DaemonSpec } from '../daemon.ts';
import { executable } from '../executable.ts';
import { flags } from '../flags.ts';
import { Forwarder } from '../forward.ts';
import type { Lifetime } from '../lifetime.ts';
import { serveLocally } from '../local-server.ts';
import { saveChain } from './chain.ts';

/** A real RFC 3161 timestamp authority with a key that lives in its memory. */
export async function startTimestampAuthority(
  lifetime: Lifetime,
  command: string,
): Promise<{ url: string; chainFile: string }> {
  const socketPath = lifetime.file('sigstore', 'tsa.sock');
  const options = { scheme: 'unix', 'socket-path': socketPath, 'timestamp-signer': 'memory' };
  const args = ['serve', ...flags({ ...options, 'disable-ntp-monitoring': true })];
  const daemon = new Daemon(lifetime, { name: 'timestamp-server', ...isolated(command, args) });
  await daemon.outputMatch(/Serving timestamp server at unix/);
  const forwarder = new Forwarder({ socketPath });
  lifetime.defer(() => forwarder.close());
  const server = await serveLocally(lifetime, (request, response) => forwarder.stream(request, response));
  const url = `${server.url}/api/v1/timestamp`;
  return { url, chainFile: await saveChain(lifetime, `${url}/certchain`, 'tsa.pem') };
}

/**
 * The server insists on port 2112 for its metrics and ends when it is taken, so a second world would fail.
 * In a network namespace of its own the port is always free, and a Unix socket still reaches it. Where
 * that cannot be had - not Linux, or not root - it runs as it is, one at a time.
 */
function isolated(command: string, args: readonly string[]): Pick<DaemonSpec, 'command' | 'args'> {
  const unshare = process.getuid?.() === 0 ? executable('unshare') : undefined;
  return unshare === undefined ? { command, args } : { command: unshare, args: ['--net', '--', command, ...args] };
}
