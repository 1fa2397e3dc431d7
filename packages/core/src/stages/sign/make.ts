import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrustMaterial } from '@sigstore/verify';
import { mapConcurrently } from '../../runtime/concurrent.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { parseBundle } from '../../sigstore/bundle.ts';
import { encodeStatement, statementKey } from '../../sigstore/statement.ts';
import { type VerifiedBundle, verifyBundle } from '../../sigstore/verify.ts';
import type { PlannedAttestation } from './plan.ts';

/** Signs the bytes of one statement and gives the bundle. It never sees the registry. */
export interface Attest {
  (statement: Buffer, by: SigningBy): Promise<Buffer>;
  /** To be called before the first one. @param largest bytes of the largest statement @throws PlimsollError for what cannot be signed */
  /** The same for bytes that are no statement. */
  readonly bare?: (payload: Buffer, by: SigningBy) => Promise<Buffer>;
  readonly prepare?: (largest: number, log: boolean) => Promise<void>;
}

export interface SigningBy {
  /** Absent where a key signs. */
  readonly identityToken: string | undefined;
  /** Whether the signature goes to a transparency log. */
  readonly log: boolean;
}

export interface MakePorts extends SigningBy {
  readonly attest: Attest;
  readonly trust: TrustMaterial;
  /** Where every bundle is kept as soon as it exists: a public log entry must not be lost with a failed upload. */
  readonly directory: string;
}

/** A signer waits for the log most of the time, so more of them than processors are worth while. */
const PARALLEL = 12;

/**
 * Signs every statement, all with one identity token, and verifies each bundle before anything is
 * done with it.
 * @throws PlimsollError `sign-failed`, and what the tool throws
 */
export async function makeBundles(
  planned: readonly PlannedAttestation[],
  ports: MakePorts,
): Promise<ReadonlyMap<PlannedAttestation, VerifiedBundle>> {
  await mkdir(ports.directory, { recursive: true });
  const { identityToken, log } = ports;
  const statements = planned.map(({ statement }) => encodeStatement(statement));
  await ports.attest.prepare?.(Math.max(0, ...statements.map(({ length }) => length)), log);
  const made = await mapConcurrently(planned, PARALLEL, async (each, index) => {
    const bytes = await ports.attest(statements[index] ?? Buffer.alloc(0), { identityToken, log });
    await writeFile(join(ports.directory, fileName(each, index)), bytes);
    return [each, check(each, bytes, ports)] as const;
  });
  return new Map(made);
}

function check(
  { name, about, statement }: PlannedAttestation,
  bytes: Buffer,
  { trust, log }: MakePorts,
): VerifiedBundle {
  try {
    const verified = verifyBundle(parseBundle(bytes), trust, { log: log ? 'required' : 'optional' });
    if (statementKey(verified.statement) === statementKey(statement)) return verified;
  } catch (cause) {
    throw unusable(`The new ${name} of ${about} does not verify`, cause);
  }
  throw unusable(`The new ${name} of ${about} says something else than it should`);
}

function unusable(message: string, cause?: unknown): PlimsollError {
  return new PlimsollError('sign-failed', message, {
    hint: 'Check that "signing-config" and "trusted-root" belong to the same Sigstore instance. Nothing was attached.',
    cause,
  });
}

/** `03-spdx-linux-arm64.sigstore.json`. */
function fileName({ name, about }: PlannedAttestation, index: number): string {
  const words = `${name}-${about}`.replace(/^[a-z]+:\/+/, '').replaceAll(/[^\w.-]+/g, '-');
  return `${String(index + 1).padStart(2, '0')}-${words.slice(0, 120)}.sigstore.json`;
}
