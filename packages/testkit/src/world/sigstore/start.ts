import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { flags } from '../flags.ts';
import type { Lifetime } from '../lifetime.ts';
import { startCtEndpoint } from './ct-endpoint.ts';
import { startFulcio } from './fulcio.ts';
import { startRekor } from './rekor.ts';
import { startTimestampAuthority } from './timestamp-authority.ts';

const execute = promisify(execFile);

/** What clients need to trust and use the local Sigstore; both are files. */
export interface SigstoreFiles {
  readonly trustedRoot: string;
  readonly signingConfig: string;
}

export interface SigstoreTools {
  readonly cosign: string;
  readonly fulcio: string;
  readonly rekor: string;
  readonly 'timestamp-server': string;
}

/** Long before anything that is signed here. */
const VALID_FROM = 'start-time=2024-01-01T00:00:00Z';

/** A keyless Sigstore that trusts one identity provider, complete enough that no client needs an insecure flag. */
export async function startSigstore(lifetime: Lifetime, tools: SigstoreTools, issuer: string): Promise<SigstoreFiles> {
  const ct = await startCtEndpoint(lifetime);
  const [fulcio, rekor, tsa] = await Promise.all([
    startFulcio(lifetime, tools.fulcio, { issuer, ctUrl: ct.url, ctKeyFile: ct.publicKeyFile }),
    startRekor(lifetime, tools.rekor),
    startTimestampAuthority(lifetime, tools['timestamp-server']),
  ]);
  const trustedRoot = lifetime.file('sigstore', 'trusted_root.json');
  const signingConfig = lifetime.file('sigstore', 'signing_config.json');
  const service = `${VALID_FROM},operator=plimsoll-test`;
  const root = flags({
    fulcio: `url=${fulcio.url},certificate-chain=${fulcio.chainFile}`,
    ctfe: `url=${ct.url},public-key=${ct.publicKeyFile},${VALID_FROM}`,
    tsa: `url=${tsa.url},certificate-chain=${tsa.chainFile}`,
    rekor: `url=http://${rekor.origin},public-key=${rekor.publicKeyFile},${VALID_FROM},origin=${rekor.origin}`,
    out: trustedRoot,
  });
  const config = flags({
    fulcio: `url=${fulcio.url},api-version=1,${service}`,
    'oidc-provider': `url=${issuer},api-version=1,${service}`,
    rekor: `url=${rekor.url},api-version=2,${service}`,
    'rekor-config': 'ANY',
    tsa: `url=${tsa.url},api-version=1,${service}`,
    'tsa-config': 'ANY',
    out: signingConfig,
  });
  await Promise.all([
    cosign(lifetime, tools.cosign, ['trusted-root', 'create', ...root]),
    cosign(lifetime, tools.cosign, ['signing-config', 'create', ...config]),
  ]);
  return { trustedRoot, signingConfig };
}

async function cosign(lifetime: Lifetime, command: string, args: readonly string[]): Promise<void> {
  await execute(command, [...args], { env: { HOME: lifetime.directory, ...lifetime.marker } });
}
