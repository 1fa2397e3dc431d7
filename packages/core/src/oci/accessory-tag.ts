import { algorithmOf, type Digest, hexOf } from './digest.ts';

/**
 * `sha256-<hex>` (the referrers tag schema of the OCI distribution specification) and cosign's
 * `sha256-<hex>.sig`, `.att`, `.sbom`. The specification cuts the hexadecimal part at 64 characters.
 */
const ACCESSORY_TAG = /^(sha256|sha512)-([0-9a-f]{64})(?:\.[A-Za-z0-9_.-]+)?$/;

/** What an accessory tag and the digest it is about have in common. */
export type SubjectKey = `${'sha256' | 'sha512'}-${string}`;

/** The key of the digest that the tag is about; `undefined` for an ordinary tag, however much it looks like one. */
export function accessorySubject(tag: string): SubjectKey | undefined {
  const parts = ACCESSORY_TAG.exec(tag);
  return parts === null ? undefined : (`${parts[1]}-${parts[2]}` as SubjectKey);
}

export function subjectKey(digest: Digest): SubjectKey {
  return `${algorithmOf(digest)}-${hexOf(digest).slice(0, 64)}`;
}
