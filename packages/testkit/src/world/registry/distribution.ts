import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { Daemon } from '../daemon.ts';
import type { Lifetime } from '../lifetime.ts';

/** A real distribution registry behind a Unix socket, for a front. Resolves with the socket's path. */
export async function distributionOnSocket(lifetime: Lifetime, command: string, name: string): Promise<string> {
  const socketPath = lifetime.file(name, 'socket');
  const daemon = start(lifetime, command, { name, deletes: false, listen: { net: 'unix', addr: socketPath } });
  await daemon.until(() => (existsSync(socketPath) ? true : undefined));
  return socketPath;
}

/** The same on a port of its own, open to anybody, who may also delete when told. Resolves with `127.0.0.1:port`. */
export async function distributionOnPort(
  lifetime: Lifetime,
  command: string,
  { name, deletes = false }: { readonly name: string; readonly deletes?: boolean },
): Promise<string> {
  const daemon = start(lifetime, command, { name, deletes, listen: { addr: '127.0.0.1:0' } });
  return `127.0.0.1:${await daemon.servingPort('/v2/')}`;
}

interface Instance {
  readonly name: string;
  readonly deletes: boolean;
  readonly listen: Readonly<Record<string, string>>;
}

function start(lifetime: Lifetime, command: string, { name, deletes, listen }: Instance): Daemon {
  const config = {
    version: '0.1',
    // Every request would be two lines of log.
    log: { level: 'error', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: lifetime.folder(name, 'storage') },
      cache: { blobdescriptor: 'inmemory' },
      // Off unless an administrator turns it on.
      ...(deletes && { delete: { enabled: true } }),
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: { ...listen, relativeurls: true, secret: randomBytes(16).toString('hex') },
  };
  // JSON is YAML.
  const file = lifetime.file(name, 'config.yaml');
  writeFileSync(file, JSON.stringify(config));
  return new Daemon(lifetime, { name, command, args: ['serve', file], env: { OTEL_TRACES_EXPORTER: 'none' } });
}
