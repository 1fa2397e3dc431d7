import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseSigningConfig, type SigningConfig, servicesFor } from '../../sigstore/signing-config.ts';
import type { Trust } from '../../sigstore/trusted-root.ts';
import { attestStatement, writePublicSigningConfig } from '../../tools/cosign.ts';
import type { ToolPorts } from '../../tools/tool-ports.ts';
import type { Attest } from './make.ts';

export interface CosignSigning {
  /** The `signing-config` input. */
  readonly signingConfig: string | undefined;
  readonly trust: () => Promise<Trust>;
  /** Path or URI of a private key; a certificate is asked for when absent. */
  readonly key?: string | undefined;
}

/**
 * Signs with cosign, which is told of no other service than those that this signature needs. What it needs of the
 * public instance is fetched once and handed to every process, which would otherwise each ask the TUF repository for it.
 */
export function cosignAttest(cosign: ToolPorts, { signingConfig, trust, key }: CosignSigning): Attest {
  let config: Promise<SigningConfig> | undefined;
  const files = new Map<boolean, Promise<string>>();
  const write = async (log: boolean) => {
    config ??= readConfig(cosign, signingConfig);
    return writeServices(cosign, servicesFor(await config, { log, keyless: key === undefined }));
  };
  return async (statement, { identityToken, log }) => {
    const file = files.get(log) ?? write(log);
    files.set(log, file);
    const services = { signingConfig: await file, ...(key === undefined ? { trustedRoot: (await trust()).file } : {}) };
    const signer = key === undefined ? { identityToken: identityToken ?? '' } : { key };
    return attestStatement({ ...cosign, ...services, ...signer, statement });
  };
}

async function readConfig(cosign: ToolPorts, given: string | undefined): Promise<SigningConfig> {
  if (given === undefined) {
    const file = path.join(await directory(cosign), 'signing_config.json');
    await writePublicSigningConfig(file, cosign);
    return parseSigningConfig(await readFile(file), 'of the public instance');
  }
  const bytes = await readFile(given).catch(() => Buffer.alloc(0));
  return parseSigningConfig(bytes, given);
}

async function writeServices(cosign: ToolPorts, config: SigningConfig): Promise<string> {
  const file = path.join(await directory(cosign), 'services.json');
  await writeFile(file, JSON.stringify(config));
  return file;
}

function directory({ tempDir }: ToolPorts): Promise<string> {
  return mkdtemp(path.join(tempDir, 'plimsoll-trust-'));
}
