import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import type { Trust } from '../../sigstore/trusted-root.ts';
import { attestStatement, writePublicSigningConfig } from '../../tools/cosign.ts';
import type { ToolPorts } from '../../tools/tool-ports.ts';
import type { Attest } from './make.ts';

export interface CosignSigning {
  /** The `signing-config` input. */
  readonly signingConfig: string | undefined;
  readonly trust: () => Promise<Trust>;
}

/**
 * Signs with cosign. What it needs of the public instance is fetched once and handed to every
 * process, which would otherwise each ask the TUF repository for it.
 */
export function cosignAttest(cosign: ToolPorts, { signingConfig, trust }: CosignSigning): Attest {
  let config: Promise<string> | undefined;
  return async (statement, identityToken) => {
    config ??= signingConfig === undefined ? publicConfig(cosign) : Promise.resolve(signingConfig);
    const services = { signingConfig: await config, trustedRoot: (await trust()).file };
    return attestStatement({ ...cosign, ...services, statement, identityToken });
  };
}

async function publicConfig(cosign: ToolPorts): Promise<string> {
  const file = path.join(await mkdtemp(path.join(cosign.tempDir, 'plimsoll-trust-')), 'signing_config.json');
  await writePublicSigningConfig(file, cosign);
  return file;
}
