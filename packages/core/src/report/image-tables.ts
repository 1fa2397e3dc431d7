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
  /** Of what the moving tag points to now. */
  readonly before?: number;
  /** Instructions that were due, and how many of their results a cache had. */
  readonly steps?: { readonly cached: number; readonly total: number };
  /** Short names of what is attached: `spdx`, `slsaprovenance1`. */
  readonly attestations?: readonly string[];
}

/** A row per platform; columns that nobody filled are left out. */
export function platformTable(rows: readonly PlatformRow[]): string {
  const sized = rows.some(({ size }) => size !== undefined);
  const compared = rows.some(({ before }) => before !== undefined);
  const stepped = rows.some(({ steps }) => steps !== undefined);
  const attested = rows.some(({ attestations }) => attestations !== undefined);
  return table(
    [
      'Platform',
      'Digest',
      ...(sized ? [{ heading: 'Size', align: 'right' as const }] : []),
      ...(compared ? [{ heading: 'Change', align: 'right' as const }] : []),
      ...(stepped ? [{ heading: 'Steps from cache', align: 'right' as const }] : []),
      ...(attested ? ['Attested'] : []),
    ],
    rows.map(({ platform, digest, size, before, steps, attestations = [] }) => [
      code(platform),
      code(digest),
      ...(sized ? [size === undefined ? '–' : bytes(size)] : []),
      ...(compared ? [change(size, before)] : []),
      ...(stepped ? [steps === undefined ? '–' : `${steps.cached} of ${steps.total}`] : []),
      ...(attested ? [attestations.map(code).join(', ') || '–'] : []),
    ]),
  );
}

/** What a consumer types to get exactly this image; an artifact is not for engines. */
export function pullCommand(image: string, digest: Digest): string {
  return `docker pull ${image}@${digest}`;
}

/** `+1.2 MB (+3 %)`. */
function change(size: number | undefined, before: number | undefined): string {
  if (size === undefined || before === undefined || before === 0) return '–';
  const difference = size - before;
  if (difference === 0) return '±0';
  const sign = difference > 0 ? '+' : '−';
  const percent = Math.round((Math.abs(difference) / before) * 100);
  return `${sign}${bytes(Math.abs(difference))} (${sign}${percent} %)`;
}
