import { createHash, generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { encode, explicit, readElement, readElements, sequence } from '../der.ts';

/** A certificate transparency log as far as a certificate authority needs one: it promises, and keeps nothing. */
export interface CtLog {
  /** PEM, for the trusted root. */
  readonly publicKey: string;
  /**
   * Answers `add-pre-chain` (RFC 6962 section 4.2) with a signed certificate timestamp.
   * `chain` is base64 DER: the precertificate first, then its issuer.
   */
  addPreChain(chain: readonly string[]): SignedCertificateTimestamp;
}

export interface SignedCertificateTimestamp {
  readonly sct_version: 0;
  readonly id: string;
  readonly timestamp: number;
  readonly extensions: '';
  readonly signature: string;
}

/** The critical extension that keeps a precertificate from being used (RFC 6962 section 3.1). */
const POISON = Buffer.from('060a2b06010401d679020403', 'hex');
const EXTENSIONS = 0xa3;
/** TLS numbers of RFC 5246: hash sha256, signature ecdsa. */
const SHA256_ECDSA = Buffer.from([4, 3]);

export function createCtLog(): CtLog {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const id = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    addPreChain: (chain) => {
      const [precertificate, issuer] = chain.map((entry) => Buffer.from(entry, 'base64'));
      if (precertificate === undefined || issuer === undefined) throw new Error('the chain needs two certificates');
      const timestamp = Date.now();
      const signature = signEntry({ key: privateKey, timestamp, precertificate, issuer });
      return { sct_version: 0, id: id.toString('base64'), timestamp, extensions: '', signature };
    },
  };
}

interface Entry {
  readonly key: KeyObject;
  readonly timestamp: number;
  readonly precertificate: Buffer;
  readonly issuer: Buffer;
}

/** A digitally-signed struct over a `precert_entry` (RFC 6962 section 3.2), in base64. */
function signEntry({ key, timestamp, precertificate, issuer }: Entry): string {
  const issuerKey = new X509Certificate(issuer).publicKey.export({ type: 'spki', format: 'der' });
  const body = withoutPoison(precertificate);
  const signed = Buffer.concat([
    Buffer.from([0, 0]), // version 1, certificate_timestamp
    uint(timestamp, 8),
    Buffer.from([0, 1]), // precert_entry
    createHash('sha256').update(issuerKey).digest(),
    uint(body.length, 3),
    body,
    Buffer.from([0, 0]), // no extensions
  ]);
  const signature = sign('sha256', signed, key);
  return Buffer.concat([SHA256_ECDSA, uint(signature.length, 2), signature]).toString('base64');
}

/** The part of the precertificate that is signed, as it will be in the certificate. */
function withoutPoison(precertificate: Buffer): Buffer {
  const [toBeSigned] = readElements(readElement(precertificate).content);
  if (toBeSigned === undefined) throw new Error('this is not a certificate');
  const parts = readElements(toBeSigned.content).map((part) => {
    if (part.tag !== EXTENSIONS) return part.raw;
    const kept = readElements(readElement(part.content).content).filter((item) => !item.raw.includes(POISON));
    return explicit(3, sequence(...kept.map((item) => item.raw)));
  });
  return encode(toBeSigned.tag, ...parts);
}

function uint(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64BE(BigInt(value));
  return buffer.subarray(8 - bytes);
}
