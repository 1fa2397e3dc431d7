import { createPublicKey, X509Certificate } from 'node:crypto';
import { toSignedEntity, type TrustMaterial, VerificationError, Verifier } from '@sigstore/verify';
import type { AttestationBundle } from './bundle.ts';
import { assertProofForm } from './checkpoint-form.ts';
import { readSigner, type Signer } from './signer.ts';
import { assertTimestampForm } from './timestamp-form.ts';

/** A bundle whose signature, certificate, log entry and time are all proven. Not yet: that its signer is wanted. */
export interface VerifiedBundle extends AttestationBundle {
  readonly signer: Signer;
  /** From the timestamp authority or the log's signed promise, never from an annotation. */
  readonly signedAt: Date;
  /** Whether it stands in a transparency log. */
  readonly logged: boolean;
}

/** Which part of a bundle does not hold. */
export type Fault = 'signature' | 'certificate' | 'time' | 'log';

/** One of each is what the public good instance gives, and what `cosign verify` asks for by default. */
const THRESHOLDS = { tlogThreshold: 1, ctlogThreshold: 1, timestampThreshold: 1 };

export interface ProofRules {
  /** `optional`: a timestamp authority's word for the time is enough. An entry that is there is always checked. */
  readonly log: 'required' | 'optional';
}

/**
 * Verifies a bundle with nothing but a trusted root, as `cosign verify` does without any insecure flag:
 * DSSE signature, Fulcio chain at the proven time, SCT, inclusion in the log, log entry equal to the envelope.
 *
 * @throws Error with the reason. Plain, because one bad bundle among good ones is a fact to report, not a failure.
 */
export function verifyBundle(
  candidate: AttestationBundle,
  trust: TrustMaterial,
  { log }: ProofRules = { log: 'required' },
): VerifiedBundle {
  const entity = toSignedEntity(candidate.bundle);
  const leaf = issuedCertificate(candidate, trust);
  // First, because a statement that was changed is not in the log either, and this is the reason.
  if (leaf !== undefined && !entity.signature.verifySignature(leaf.publicKey)) {
    throw new VerificationError({ code: 'SIGNATURE_ERROR', message: 'the signature is not over this statement' });
  }
  assertForm(candidate);
  const thresholds = { ...THRESHOLDS, ...(log === 'optional' ? { tlogThreshold: 0 } : {}) };
  const signer = readSigner(new Verifier(trust, thresholds).verify(entity), leaf === undefined);
  if (signer === undefined) {
    const message = 'the certificate names nobody';
    throw new VerificationError({ code: 'CERTIFICATE_ERROR', message });
  }
  return { ...candidate, signer, signedAt: provenTime(entity), logged: entity.tlogEntries.length > 0 };
}

/** What the verifier does not look at, because nothing depends on it, and other verifiers refuse. */
function assertForm({ bundle: { verificationMaterial } }: AttestationBundle): void {
  for (const { signedTimestamp } of verificationMaterial.timestampVerificationData?.rfc3161Timestamps ?? []) {
    refusing('TIMESTAMP_ERROR', () => assertTimestampForm(signedTimestamp));
  }
  for (const { inclusionProof, inclusionPromise, logIndex: index } of verificationMaterial.tlogEntries) {
    if (inclusionProof?.checkpoint === undefined) continue;
    const { rootHash, treeSize, checkpoint, logIndex } = inclusionProof;
    const own = inclusionPromise === undefined ? { unsignedIndex: index } : {};
    const proof = { rootHash, treeSize, logIndex, checkpoint: checkpoint.envelope, ...own };
    refusing('TLOG_INCLUSION_PROOF_ERROR', () => assertProofForm(proof));
  }
}

function refusing(code: 'TIMESTAMP_ERROR' | 'TLOG_INCLUSION_PROOF_ERROR', check: () => void): void {
  try {
    check();
  } catch (cause) {
    throw new VerificationError({ code, message: cause instanceof Error ? cause.message : String(cause), cause });
  }
}

/** Reads it out of what {@link verifyBundle} threw. */
export function faultOf(error: unknown): Fault {
  const code = error instanceof VerificationError ? error.code : 'SIGNATURE_ERROR';
  if (code === 'TIMESTAMP_ERROR') return 'time';
  if (code === 'CERTIFICATE_ERROR' || code === 'PUBLIC_KEY_ERROR') return 'certificate';
  return code.startsWith('TLOG_') ? 'log' : 'signature';
}

/**
 * The verifier does not compare the two places where a certificate names its signature algorithm (RFC 5280,
 * section 4.1.1.2); OpenSSL and cosign do.
 * @returns nothing for a signature that was made with a bare key
 */
function issuedCertificate(
  { bundle }: AttestationBundle,
  { certificateAuthorities }: TrustMaterial,
): X509Certificate | undefined {
  const { content } = bundle.verificationMaterial;
  if (content.$case === 'publicKey') return undefined;
  const der = content.$case === 'certificate' ? content.certificate : content.x509CertificateChain.certificates[0];
  const leaf = new X509Certificate(der?.rawBytes ?? Buffer.alloc(0));
  const issuers = certificateAuthorities.flatMap(({ certChain }) => certChain.map(({ publicKey }) => publicKey));
  if (issuers.some((key) => leaf.verify(createPublicKey({ key, format: 'der', type: 'spki' })))) return leaf;
  throw new VerificationError({
    code: 'CERTIFICATE_ERROR',
    message: 'the certificate was not issued by a trusted authority',
  });
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
