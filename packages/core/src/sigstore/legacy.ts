import { X509Certificate } from 'node:crypto';
import type { Digest } from '../oci/digest.ts';
import { pick, pickText } from '../runtime/pick.ts';

/** What a signature of the old form signs (containers/image, "atomic signature"; cosign specs/SIGNATURE_SPEC.md). */
export const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json';
export const DSSE_ENVELOPE = 'application/vnd.dsse.envelope.v1+json';

/** @param repository `registry/repository`; informative, so that a copy elsewhere stays verifiable */
export function simpleSigningPayload(repository: string, digest: Digest): Buffer {
  const critical = {
    identity: { 'docker-reference': repository },
    image: { 'docker-manifest-digest': digest },
    type: 'cosign container image signature',
  };
  return Buffer.from(JSON.stringify({ critical, optional: null }));
}

/** The DSSE envelope of a bundle, as the old form stores it. @param bundle JSON of a Sigstore bundle */
export function envelopeOf(bundle: unknown): Buffer {
  return Buffer.from(JSON.stringify(pick(bundle, 'dsseEnvelope')));
}

/**
 * The proofs of a bundle as annotations of a layer, as cosign 2 writes and reads them. The log's entry is only said where the
 * log gave a promise (Rekor v1): the old form has no place for the proof of a Rekor v2.
 */
export function legacyAnnotations(bundle: unknown): Readonly<Record<string, string>> {
  const material = pick(bundle, 'verificationMaterial');
  const certificate = pickText(material, 'certificate', 'rawBytes');
  const timestamp = pickText(material, 'timestampVerificationData', 'rfc3161Timestamps', 0, 'signedTimestamp');
  const entry = logBundle(pick(material, 'tlogEntries', 0));
  return {
    'dev.cosignproject.cosign/signature': pickText(bundle, 'messageSignature', 'signature') ?? '',
    ...(certificate === undefined ? {} : { 'dev.sigstore.cosign/certificate': pemOf(certificate) }),
    ...(timestamp === undefined
      ? {}
      : { 'dev.sigstore.cosign/rfc3161timestamp': JSON.stringify({ SignedRFC3161Timestamp: timestamp }) }),
    ...(entry === undefined ? {} : { 'dev.sigstore.cosign/bundle': JSON.stringify(entry) }),
  };
}

function pemOf(rawBytes: string): string {
  return new X509Certificate(Buffer.from(rawBytes, 'base64')).toString();
}

function logBundle(entry: unknown) {
  const promise = pickText(entry, 'inclusionPromise', 'signedEntryTimestamp');
  const logId = pickText(entry, 'logId', 'keyId');
  if (promise === undefined || logId === undefined) return undefined;
  return {
    SignedEntryTimestamp: promise,
    Payload: {
      body: pickText(entry, 'canonicalizedBody'),
      integratedTime: Number(pick(entry, 'integratedTime')),
      logIndex: Number(pick(entry, 'logIndex')),
      logID: Buffer.from(logId, 'base64').toString('hex'),
    },
  };
}
