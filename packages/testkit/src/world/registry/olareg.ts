import { Daemon } from '../daemon.ts';
import { flags } from '../flags.ts';
import type { Lifetime } from '../lifetime.ts';
import { onFreePorts } from '../ports.ts';

/** A real olareg, which has the referrers API. It knows no credentials, so a front stands before it. */
export async function startOlareg(lifetime: Lifetime, command: string): Promise<{ host: string; port: number }> {
  const [port = 0] = await onFreePorts(1, ([chosen]) => {
    const options = { addr: '127.0.0.1', port: chosen, dir: lifetime.folder('quay', 'storage') };
    // Collection would remove what a slow test has pushed and not yet tagged.
    const args = ['serve', ...flags({ ...options, 'api-delete': true, 'gc-frequency': '-1s' })];
    const daemon = new Daemon(lifetime, { name: 'olareg', command, args });
    return { daemon, ready: () => daemon.httpReady(`http://127.0.0.1:${chosen}/v2/`) };
  });
  return { host: '127.0.0.1', port };
}
