import { hash } from 'node:crypto';
import { PlimsollError } from '../runtime/errors.ts';

/** An algorithm of the OCI image specification (descriptor.md, "Registered Algorithms"). */
export type DigestAlgorithm = 'sha256' | 'sha512';

/** `algorithm:hex`, checked by {@link parseDigest}. */
export type Digest = `${DigestAlgorithm}:${string}`;

const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

export function isDigest(text: string): text is Digest {
  return DIGEST.test(text);
}

/** @throws PlimsollError `digest-invalid` */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new PlimsollError('digest-invalid', `"${text.slice(0, 200)}" is not a digest`, {
    hint: 'Write sha256: followed by 64 lower-case hexadecimal digits.',
  });
}

export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return `${algorithm}:${hash(algorithm, bytes)}`;
}

export function algorithmOf(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

/** The hexadecimal part, as the file name under `blobs/<algorithm>/` and in fallback tags. */
export function hexOf(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}
