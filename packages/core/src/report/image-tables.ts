import type { Digest } from '../oci/digest.ts';
import { bytes } from './bytes.ts';
import { code, table } from './markdown.ts';

/** One platform of an image, for people. */
export interface PlatformRow {
  /** `linux/amd64`. */
  readonly platform: string;
  readonly digest: Digest;
  /** Bytes of manifest, config and compressed layers. */
  readonly size?: number;
  /** Short names of what is attached: `spdx`, `slsaprovenance1`. */
  readonly attestations?: readonly string[];
}

/** A row per platform; columns that nobody filled are left out. */
export function platformTable(rows: readonly PlatformRow[]): string {
  const sized = rows.some(({ size }) => size !== undefined);
  const attested = rows.some(({ attestations }) => attestations !== undefined);
  return table(
    [
      'Platform',
      'Digest',
      ...(sized ? [{ heading: 'Size', align: 'right' as const }] : []),
      ...(attested ? ['Attested'] : []),
    ],
    rows.map(({ platform, digest, size, attestations = [] }) => [
      code(platform),
      code(digest),
      ...(sized ? [size === undefined ? '–' : bytes(size)] : []),
      ...(attested ? [attestations.map(code).join(', ') || '–'] : []),
    ]),
  );
}
