import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { bitString, encode, explicit, integer, objectIdentifier, sequence, Tag, utcTime } from './der.ts';

/** A certificate and its key, both PEM. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority that lives as long as one world. */
export interface Authority {
  /** PEM, for a client's list of trusted authorities. */
  readonly certificate: string;
  /** A TLS server certificate for these DNS names and IPv4 addresses. */
  issue(names: readonly string[]): KeyedCertificate;
}

const OID = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

const TRUE = Buffer.from([0x01, 0x01, 0xff]);
const HOUR = 3_600_000;

export function createAuthority(name: string): Authority {
  const own = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const issuer = { name, key: own.privateKey };
  const certificate = buildCertificate({
    issuer,
    subject: name,
    publicKey: own.publicKey,
    extensions: [
      extension(OID.basicConstraints, sequence(TRUE), true),
      // keyCertSign and cRLSign: bits 5 and 6.
      extension(OID.keyUsage, bitString(Buffer.from([0b0000_0110]), 1), true),
    ],
  });
  return { certificate, issue: (names) => issueServer(issuer, names) };
}

interface Issuer {
  readonly name: string;
  readonly key: KeyObject;
}

function issueServer(issuer: Issuer, names: readonly string[]): KeyedCertificate {
  const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const certificate = buildCertificate({
    issuer,
    subject: names[0] ?? 'server',
    publicKey: pair.publicKey,
    extensions: [
      extension(OID.subjectAltName, sequence(...names.map(generalName))),
      extension(OID.keyUsage, bitString(Buffer.from([0b1000_0000]), 7), true),
      extension(OID.extendedKeyUsage, sequence(objectIdentifier(OID.serverAuth))),
    ],
  });
  return { certificate, key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

interface CertificateRequest {
  readonly issuer: Issuer;
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

/** RFC 5280 section 4.1, good from an hour ago for two days. */
function buildCertificate(request: CertificateRequest): string {
  const algorithm = sequence(objectIdentifier(OID.ecdsaWithSha256));
  const now = Date.now();
  const toBeSigned = sequence(
    explicit(0, integer(Buffer.from([2]))),
    // Never starts with a zero byte, which DER does not allow.
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    distinguishedName(request.issuer.name),
    sequence(utcTime(new Date(now - HOUR)), utcTime(new Date(now + 48 * HOUR))),
    distinguishedName(request.subject),
    request.publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...request.extensions)),
  );
  const der = sequence(toBeSigned, algorithm, bitString(sign('sha256', toBeSigned, request.issuer.key)));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function distinguishedName(commonName: string): Buffer {
  const value = encode(Tag.utf8String, Buffer.from(commonName));
  return sequence(encode(Tag.set, sequence(objectIdentifier(OID.commonName), value)));
}

function extension(identifier: string, value: Buffer, critical = false): Buffer {
  return sequence(objectIdentifier(identifier), critical ? TRUE : Buffer.alloc(0), encode(Tag.octetString, value));
}

/** `iPAddress [7]` or `dNSName [2]`. */
function generalName(name: string): Buffer {
  if (isIP(name) === 4) return encode(0x87, Buffer.from(name.split('.').map(Number)));
  return encode(0x82, Buffer.from(name));
}
