import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Daemon } from '../daemon.ts';
import { flags } from '../flags.ts';
import type { Lifetime } from '../lifetime.ts';
import { saveChain } from './chain.ts';
import { fulcioConfig } from './fulcio-config.ts';

export interface FulcioOptions {
  readonly issuer: string;
  readonly ctUrl: string;
  readonly ctKeyFile: string;
}

/** A real Fulcio with a root that lives in its memory. */
export async function startFulcio(
  lifetime: Lifetime,
  command: string,
  options: FulcioOptions,
): Promise<{ url: string; chainFile: string }> {
  const config = lifetime.file('sigstore', 'fulcio.yaml');
  writeFileSync(config, fulcioConfig(options.issuer));
  const daemon = new Daemon(lifetime, {
    name: 'fulcio',
    command,
    args: [
      'serve',
      ...flags({
        host: '127.0.0.1',
        port: 0,
        // Another name of the same host: with one address for both, it serves them on one port, which cannot be 0.
        'grpc-host': 'localhost',
        'grpc-port': 0,
        'metrics-port': 0,
        ca: 'ephemeralca',
        'config-path': config,
        'ct-log-url': options.ctUrl,
        'ct-log-public-key-path': options.ctKeyFile,
        // An abstract socket with a fixed default name: two worlds would clash.
        'legacy-unix-domain-socket': `@${path.basename(lifetime.directory)}`,
      }),
    ],
  });
  const url = `http://127.0.0.1:${await daemon.servingPort('/healthz')}`;
  return { url, chainFile: await saveChain(lifetime, `${url}/api/v1/rootCert`, 'fulcio.pem') };
}
