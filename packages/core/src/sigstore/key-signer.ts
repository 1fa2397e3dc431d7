import { createPublicKey, type KeyObject } from 'node:crypto';
import type { TrustMaterial } from '@sigstore/verify';
import { digestOf } from '../oci/digest.ts';
import { PlimsollError } from '../runtime/errors.ts';
import type { IdentityPolicy } from './identity.ts';
import type { ExpectedSigner } from './token-identity.ts';

/** In the place of an OpenID Connect issuer, which is always a URL: nobody vouches for a key but who hands it out. */
export const KEY_ISSUER = 'key';

/** Whom a signature with this key names: SHA-256 of the public key (DER, SubjectPublicKeyInfo). */
export function keySigner(key: KeyObject): Required<Pick<ExpectedSigner, 'issuer' | 'identity'>> {
  return { issuer: KEY_ISSUER, identity: digestOf(key.export({ type: 'spki', format: 'der' })) };
}

/** @param pem as `cosign public-key` prints it @throws PlimsollError `key-unusable` */
export function parsePublicKey(pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw new PlimsollError('key-unusable', 'This is not a public key in PEM form', {
      hint: 'Give what "cosign public-key --key …" prints.',
      cause,
    });
  }
}

/** The same authorities, and one key beside them. */
export function withKey(material: TrustMaterial, publicKey: KeyObject): TrustMaterial {
  // A key has no certificate that could run out; whoever trusts it says for how long by leaving it in the policy.
  return { ...material, publicKey: () => ({ publicKey, validFor: () => true }) };
}

/** Nobody but the holder of this key. */
export function keyIdentity(fingerprint: string): IdentityPolicy {
  return { issuer: KEY_ISSUER, identities: [{ text: fingerprint, matches: (value) => value === fingerprint }] };
}
