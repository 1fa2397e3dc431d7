import { randomUUID } from 'node:crypto';
import type { PackagesLedger } from '../../github/ledger.ts';
import { Forwarder } from '../forward.ts';
import type { Lifetime } from '../lifetime.ts';
import { serveLocally } from '../local-server.ts';
import { distributionOnSocket } from './distribution.ts';
import { RegistryFront } from './front.ts';
import { ghcrManners } from './ghcr-manners.ts';
import { TokenAuth } from './token-auth.ts';

/** A registry that behaves as ghcr.io: a real distribution registry behind GHCR's manners. */
export interface Ghcr {
  /** `127.0.0.1:port`, plain HTTP. */
  readonly host: string;
  readonly username: string;
  /** A token that may do everything; any user name goes with it. */
  readonly token: string;
  /** Packages that anybody may pull, such as `acme/app`. */
  readonly publicPackages: Set<string>;
  readonly front: RegistryFront;
}

export interface GhcrOptions {
  readonly registry: string;
  readonly ledger: PackagesLedger;
  /** The token of the job, which GHCR takes as a password. */
  readonly token?: string;
}

export async function startGhcr(lifetime: Lifetime, options: GhcrOptions): Promise<Ghcr> {
  const socketPath = await distributionOnSocket(lifetime, options.registry, 'ghcr');
  const forwarder = new Forwarder({ socketPath });
  lifetime.defer(() => forwarder.close());
  const publicPackages = new Set<string>();
  const token = options.token ?? `ghs_${randomUUID()}`;
  const auth = new TokenAuth({
    service: 'ghcr.io',
    path: '/token',
    scheme: 'http',
    isPublic: (name) => publicPackages.has(name),
  });
  auth.accounts.push({ password: token, actions: ['pull', 'push', 'delete'] });
  const front = new RegistryFront({ auth, tokenPath: '/token', forwarder, manners: ghcrManners(options.ledger) });
  const { host } = await serveLocally(lifetime, front.handle);
  return { host, username: 'octo', token, publicPackages, front };
}
