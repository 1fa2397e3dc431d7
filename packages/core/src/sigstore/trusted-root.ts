import { readFile } from 'node:fs/promises';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { type TrustMaterial, toTrustMaterial } from '@sigstore/verify';
import { PlimsollError } from '../runtime/errors.ts';

/** The certificate authorities, logs and timestamp authorities that signatures are judged by. */
export interface Trust {
  readonly material: TrustMaterial;
  /** The file it came from, for tools that want one (`--trusted-root`). */
  readonly file: string;
  /** The public good instance's, which every verifier finds by itself. */
  readonly isPublic: boolean;
}

/**
 * Parses a `trusted_root.json` (sigstore protobuf-specs, TrustedRoot).
 * @param source what to call it in an error
 * @throws PlimsollError `trust-root`
 */
export function parseTrustedRoot(bytes: Buffer, source: string): TrustMaterial {
  const material = toMaterial(bytes, source);
  const missing = [
    ['certificate authority', material.certificateAuthorities] as const,
    ['transparency log', material.tlogs] as const,
    ['certificate transparency log', material.ctlogs] as const,
  ].find(([, authorities]) => authorities.length === 0);
  if (missing !== undefined) throw unusable(`The trusted root ${source} has no ${missing[0]}`);
  return material;
}

/** @throws PlimsollError `trust-root` when the file cannot be read or used */
export async function readTrustedRoot(file: string): Promise<Trust> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw unusable(`The trusted root ${file} cannot be read`, cause);
  });
  return { material: parseTrustedRoot(bytes, file), file, isPublic: false };
}

function toMaterial(bytes: Buffer, source: string): TrustMaterial {
  try {
    return toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(bytes.toString('utf8'))));
  } catch (cause) {
    throw unusable(`The trusted root ${source} is not a Sigstore trusted root`, cause);
  }
}

function unusable(message: string, cause?: unknown): PlimsollError {
  return new PlimsollError('trust-root', message, {
    hint: 'Leave "trusted-root" empty for the public Sigstore, or give a file made by "cosign trusted-root create".',
    cause,
  });
}
