import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Daemon } from '../daemon.ts';
import { flags } from '../flags.ts';
import { servedOnFreePorts } from '../free-ports.ts';
import type { Lifetime } from '../lifetime.ts';

export interface Rekor {
  readonly url: string;
  /** The name in its checkpoints. */
  readonly origin: string;
  /** PEM. */
  readonly publicKeyFile: string;
}

const ORIGIN = 'rekor.local';

/** A real Rekor v2 (rekor-tiles) that keeps its tiles in a directory. */
export async function startRekor(lifetime: Lifetime, command: string): Promise<Rekor> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const keyFile = lifetime.file('sigstore', 'rekor.key');
  const publicKeyFile = lifetime.file('sigstore', 'rekor.pub');
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  writeFileSync(publicKeyFile, publicKey.export({ type: 'spki', format: 'pem' }));
  const start = ([http, grpc, metrics]: readonly number[]) =>
    new Daemon(lifetime, {
      name: 'rekor',
      command,
      args: [
        'serve',
        ...flags({
          hostname: ORIGIN,
          'signer-filepath': keyFile,
          'http-address': '127.0.0.1',
          'http-port': http,
          'http-metrics-port': metrics,
          'grpc-address': '127.0.0.1',
          'grpc-port': grpc,
          'storage-dir': lifetime.folder('sigstore', 'rekor'),
          // An entry is answered with the next checkpoint, so these are what a signature waits for.
          'checkpoint-interval': '100ms',
          'batch-max-age': '20ms',
        }),
      ],
    });
  const port = await servedOnFreePorts('/healthz', { count: 3, start });
  return { url: `http://127.0.0.1:${port}`, origin: ORIGIN, publicKeyFile };
}
