import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Daemon } from '../daemon.ts';
import { flags } from '../flags.ts';
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
  const daemon = new Daemon(lifetime, {
    name: 'rekor',
    command,
    args: [
      'serve',
      ...flags({
        hostname: ORIGIN,
        'signer-filepath': keyFile,
        'http-address': '127.0.0.1',
        'http-port': 0,
        'http-metrics-port': 0,
        'grpc-address': '127.0.0.1',
        'grpc-port': 0,
        'storage-dir': lifetime.folder('sigstore', 'rekor'),
        // An entry is answered with the next checkpoint, so these are what a signature waits for.
        'checkpoint-interval': '100ms',
        'batch-max-age': '20ms',
      }),
    ],
  });
  const port = await daemon.servingPort('/healthz');
  return { url: `http://127.0.0.1:${port}`, origin: ORIGIN, publicKeyFile };
}
