import { Daemon } from '../daemon.ts';
import { flags } from '../flags.ts';
import type { Lifetime } from '../lifetime.ts';

/** A real olareg, which has the referrers API. It knows no credentials, so a front stands before it. */
export async function startOlareg(lifetime: Lifetime, command: string): Promise<{ host: string; port: number }> {
  const options = { addr: '127.0.0.1', port: 0, dir: lifetime.folder('quay', 'storage') };
  // Collection would remove what a slow test has pushed and not yet tagged.
  const args = ['serve', ...flags({ ...options, 'api-delete': true, 'gc-frequency': '-1s' })];
  const daemon = new Daemon(lifetime, { name: 'olareg', command, args });
  return { host: '127.0.0.1', port: await daemon.servingPort('/v2/') };
}
