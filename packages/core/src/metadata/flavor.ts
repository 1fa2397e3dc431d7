import { badLine, readFields } from './tag-entry.ts';

/** When an image is `latest`: as its first tag says, always, never, or only as the highest stable version there is. */
export type LatestRule = 'auto' | 'true' | 'false' | 'highest';

/** The `flavor` input. */
export interface Flavor {
  readonly latest: LatestRule;
  /** Templates, for entries without their own. */
  readonly prefix: string;
  readonly suffix: string;
  /** Whether prefix and suffix are put around `latest` too. */
  readonly prefixLatest: boolean;
  readonly suffixLatest: boolean;
}

export const NO_FLAVOR: Flavor = { latest: 'auto', prefix: '', suffix: '', prefixLatest: false, suffixLatest: false };

const LATEST: readonly string[] = ['auto', 'true', 'false', 'highest'];

/**
 * Reads lines such as `latest=highest` and `prefix=v,onlatest=true`; the last one of a kind counts.
 * @throws PlimsollError `input-invalid`, which names the line
 */
export function parseFlavor(lines: readonly string[]): Flavor {
  return lines.reduce<Flavor>((flavor, line) => {
    try {
      return { ...flavor, ...readLine(line) };
    } catch (cause) {
      throw badLine('flavor', line, cause);
    }
  }, NO_FLAVOR);
}

/** `onlatest` belongs to the prefix or suffix before it on the same line. */
function readLine(line: string): Partial<Flavor> {
  const fields = readFields(line);
  let read: Partial<Flavor> = {};
  let last: 'prefix' | 'suffix' | undefined;
  for (const [key, value] of Object.entries(fields)) {
    if (key === 'latest') {
      read = { ...read, latest: readLatest(value) };
    } else if (key === 'prefix' || key === 'suffix') {
      last = key;
      read = { ...read, [key]: value, [`${key}Latest`]: false };
    } else if (key === 'onlatest' && last !== undefined) {
      read = { ...read, [`${last}Latest`]: readOnLatest(value) };
    } else {
      throw new Error(`"${key}" is not supported here; write latest=, prefix= or suffix=, and onlatest= behind those`);
    }
  }
  return read;
}

function readLatest(value: string): LatestRule {
  if (LATEST.includes(value)) return value as LatestRule;
  throw new Error(`"latest=${value}" is none of ${LATEST.join(', ')}`);
}

function readOnLatest(value: string): boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  throw new Error(`"onlatest=${value}" is neither true nor false`);
}
