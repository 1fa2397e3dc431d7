import { readFile, stat } from 'node:fs/promises';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { type TrustMaterial, toTrustMaterial } from '@sigstore/verify';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { PlimsollError } from '../runtime/errors.ts';

/** The certificate authorities, logs and timestamp authorities that signatures are judged by. */
export interface Trust {
  readonly material: TrustMaterial;
  /** The file it came from, for tools that want one (`--trusted-root`). */
  readonly file: string;
  /** The public good instance's, which every verifier finds by itself. */
  readonly isPublic: boolean;
}

/** How old a trusted root may be. */
export interface RootAge {
  /** Milliseconds since the file was written; any age unless given. */
  readonly maxAge?: number | undefined;
  readonly clock?: Clock;
}

/**
 * Parses a `trusted_root.json` (sigstore protobuf-specs, TrustedRoot).
 * @param source what to call it in an error
 * @throws PlimsollError `trust-root`, also when all authorities of a kind are past their time: such a root was replaced
 *   long ago, and the newer one may no longer trust what this one does
 */
export function parseTrustedRoot(bytes: Buffer, source: string, now: Date): TrustMaterial {
  const material = toMaterial(bytes, source);
  const kinds = [
    ['certificate authority', material.certificateAuthorities] as const,
    ['transparency log', material.tlogs] as const,
    ['certificate transparency log', material.ctlogs] as const,
  ];
  const missing = kinds.find(([, authorities]) => authorities.length === 0);
  if (missing !== undefined) throw unusable(`The trusted root ${source} has no ${missing[0]}`);
  const outdated = kinds.find(([, authorities]) => authorities.every(({ validFor }) => validFor.end < now));
  if (outdated !== undefined) throw unusable(`The trusted root ${source} has no ${outdated[0]} that is still in use`);
  return material;
}

/** @throws PlimsollError `trust-root` when the file cannot be read or used, or is too old */
export async function readTrustedRoot(file: string, { maxAge, clock = systemClock }: RootAge = {}): Promise<Trust> {
  const age = clock.now().getTime() - (await read(file, stat(file))).mtimeMs;
  if (maxAge !== undefined && age > maxAge) {
    const days = Math.floor(age / 86_400_000);
    throw unusable(`The trusted root ${file} was written ${days} days ago, longer than "trusted-root-max-age" allows`);
  }
  const bytes = await read(file, readFile(file));
  return { material: parseTrustedRoot(bytes, file, clock.now()), file, isPublic: false };
}

function read<T>(file: string, reading: Promise<T>): Promise<T> {
  return reading.catch((cause: unknown) => {
    throw unusable(`The trusted root ${file} cannot be read`, cause);
  });
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
    hint: 'Leave "trusted-root" empty for the public Sigstore, or give a file made by "cosign trusted-root create" not long ago.',
    cause,
  });
}
