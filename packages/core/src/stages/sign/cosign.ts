import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isFailure } from '../../runtime/errors.ts';
import { type Attempt, RETRY, type RetryTable, withRetry } from '../../runtime/retry.ts';
import { isLarge, parseSigningConfig, type SigningConfig, servicesFor } from '../../sigstore/signing-config.ts';
import type { Trust } from '../../sigstore/trusted-root.ts';
import { attestStatement, writePublicSigningConfig } from '../../tools/cosign.ts';
import type { ToolPorts } from '../../tools/tool-ports.ts';
import type { Attest, SigningBy } from './make.ts';

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
  const keyless = key === undefined;
  const services = remembered(async (log: boolean, large: boolean) => {
    const config =
      signingConfig === undefined ? publicConfig(cosign, log && large ? 2 : 1) : givenConfig(signingConfig);
    return writeServices(cosign, servicesFor(await config, { log, keyless, large }));
  });
  const sign = async (statement: Buffer, { identityToken, log }: SigningBy, bare: boolean) => {
    const files = {
      signingConfig: await services(log, isLarge(statement.length)),
      ...(keyless ? { trustedRoot: (await trust()).file } : {}),
    };
    const task = { ...cosign, ...files, ...(keyless ? { identityToken } : { key }), statement, bare };
    return withRetry(() => attemptOf(() => attestStatement(task)), { table: SERVICES, ...signalOf(cosign) });
  };
  const prepare = async (largest: number, log: boolean) => void (await services(log, isLarge(largest)));
  const attest = (statement: Buffer, by: SigningBy) => sign(statement, by, false);
  return Object.assign(attest, { prepare, bare: (payload: Buffer, by: SigningBy) => sign(payload, by, true) });
}

/** Cosign tries the certificate authority and the timestamp authority twice each, and the log once. */
const SERVICES: RetryTable = { ...RETRY, attempts: 3, firstDelay: 500 };
const PASSING = /\b(?:429|50[0234])\b|connection re(?:fused|set)|\bEOF\b|timeout|deadline exceeded/i;

async function attemptOf(sign: () => Promise<Buffer>): Promise<Attempt<Buffer>> {
  try {
    return { value: await sign() };
  } catch (failure) {
    if (isFailure(failure, 'sign-failed') && PASSING.test(failure.message)) return { failure };
    throw failure;
  }
}

function signalOf({ signal }: ToolPorts) {
  return signal === undefined ? {} : { signal };
}

async function publicConfig(cosign: ToolPorts, log: 1 | 2): Promise<SigningConfig> {
  const file = path.join(await directory(cosign), 'signing_config.json');
  await writePublicSigningConfig(file, log, cosign);
  return parseSigningConfig(await readFile(file), 'of the public instance');
}

async function givenConfig(file: string): Promise<SigningConfig> {
  return parseSigningConfig(await readFile(file).catch(() => Buffer.alloc(0)), file);
}

function remembered<T>(
  work: (log: boolean, large: boolean) => Promise<T>,
): (log: boolean, large: boolean) => Promise<T> {
  const results = new Map<string, Promise<T>>();
  return (log, large) => {
    const name = `${log} ${large}`;
    const result = results.get(name) ?? work(log, large);
    results.set(name, result);
    return result;
  };
}

async function writeServices(cosign: ToolPorts, config: SigningConfig): Promise<string> {
  const file = path.join(await directory(cosign), 'services.json');
  await writeFile(file, JSON.stringify(config));
  return file;
}

function directory({ tempDir }: ToolPorts): Promise<string> {
  return mkdtemp(path.join(tempDir, 'plimsoll-trust-'));
}
