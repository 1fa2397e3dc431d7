import { createPublicKey, X509Certificate } from 'node:crypto';
import { toSignedEntity, type TrustMaterial, Verifier } from '@sigstore/verify';
import type { AttestationBundle } from './bundle.ts';
import { readSigner, type Signer } from './signer.ts';

/** A bundle whose signature, certificate, log entry and time are all proven. Not yet: that its signer is wanted. */
export interface VerifiedBundle extends AttestationBundle {
  readonly signer: Signer;
  /** From the timestamp authority or the log's signed promise, never from an annotation. */
  readonly signedAt: Date;
}

/** One of each is what the public good instance gives, and what `cosign verify` asks for by default. */
const THRESHOLDS = { tlogThreshold: 1, ctlogThreshold: 1, timestampThreshold: 1 };

/**
 * Verifies a bundle with nothing but a trusted root, as `cosign verify` does without any insecure flag:
 * DSSE signature, Fulcio chain at the proven time, SCT, inclusion in the log, log entry equal to the envelope.
 *
 * @throws Error with the reason. Plain, because one bad bundle among good ones is a fact to report, not a failure.
 */
export function verifyBundle(candidate: AttestationBundle, trust: TrustMaterial): VerifiedBundle {
  const entity = toSignedEntity(candidate.bundle);
  assertIssued(candidate, trust);
  const signer = readSigner(new Verifier(trust, THRESHOLDS).verify(entity));
  if (signer === undefined) throw new Error('the signature was made with a key, not with an identity');
  return { ...candidate, signer, signedAt: provenTime(entity) };
}

/**
 * The verifier does not compare the two places where a certificate names its signature algorithm (RFC 5280,
 * section 4.1.1.2); OpenSSL and cosign do.
 */
function assertIssued({ bundle }: AttestationBundle, { certificateAuthorities }: TrustMaterial): void {
  const { content } = bundle.verificationMaterial;
  if (content.$case === 'publicKey') return;
  const der = content.$case === 'certificate' ? content.certificate : content.x509CertificateChain.certificates[0];
  const leaf = new X509Certificate(der?.rawBytes ?? Buffer.alloc(0));
  const issuers = certificateAuthorities.flatMap(({ certChain }) => certChain.map(({ publicKey }) => publicKey));
  if (issuers.some((key) => leaf.verify(createPublicKey({ key, format: 'der', type: 'spki' })))) return;
  throw new Error('the certificate was not issued by a trusted authority');
}

/** The earliest time that the verifier has just proven: later ones say only that the signature still existed. */
function provenTime({ timestamps }: ReturnType<typeof toSignedEntity>): Date {
  const times = timestamps.flatMap((each) => {
    if (each.$case === 'timestamp-authority') return [each.timestamp.signingTime.getTime()];
    // Without the log's promise the integrated time is not covered by any signature.
    return each.tlogEntry.inclusionPromise ? [Number(each.tlogEntry.integratedTime) * 1000] : [];
  });
  return new Date(Math.min(...times));
}
