import { createHash } from 'node:crypto';

/**
 * 32 hexadecimal digits over what makes a finding the same finding next time. Versions, digests,
 * line numbers and machine paths are no part of it.
 */
export function fingerprint(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
