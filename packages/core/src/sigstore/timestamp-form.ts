/** One element of DER: its tag and its content. */
interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const OID = 0x06;
const SEQUENCE = 0x30;
const SET = 0x31;
const FIRST = 0xa0;
const SECOND = 0xa1;

const SIGNED_DATA = '2a864886f70d010702';
const TIMESTAMP_INFO = '2a864886f70d0109100104';
/** SHA-256, SHA-384, SHA-512. */
const DIGESTS = /^60864801650304020[123]$/;
/** ECDSA and RSA with SHA-2, RSA, Ed25519. */
const SIGNATURES = /^(?:2a8648ce3d04030[234]|2a864886f70d0101(?:0[1bcd])|2b6570)$/;

/**
 * Holds a timestamp response to the form of RFC 3161 and RFC 5652. The signature covers the time and its attributes, not
 * the wrapper around them, and the verifier looks at few bytes of that: a response that says it was refused, or that
 * names another algorithm, would pass. What is embedded beside it (certificates, unsigned attributes) is not used at all.
 *
 * @throws Error with the reason
 */
export function assertTimestampForm(der: Buffer): void {
  const [response, ...trailing] = elements(der);
  const [status, token, ...more] = inside(response, SEQUENCE);
  if (trailing.length + more.length > 0) throw malformed('something follows it');
  const [granted] = inside(status, SEQUENCE);
  if (granted?.tag !== INTEGER || !['00', '01'].includes(hex(granted))) throw malformed('it was not granted');
  const [type, wrapped] = inside(token, SEQUENCE);
  expectOid(type, (oid) => oid === SIGNED_DATA);
  const [signed] = inside(wrapped, FIRST);
  assertSignedData(inside(signed, SEQUENCE));
}

function assertSignedData(parts: readonly Element[]): void {
  const [version, digests, content, ...rest] = parts;
  // Certificates, then revocation lists; the signer comes last.
  if (rest.slice(0, -1).some(({ tag }) => tag !== FIRST && tag !== SECOND)) throw malformed('it holds something else');
  expectInteger(version, '03');
  const [type, info] = inside(content, SEQUENCE);
  expectOid(type, (oid) => oid === TIMESTAMP_INFO);
  const [text] = inside(info, FIRST);
  if (text?.tag !== OCTET_STRING) throw malformed('it holds no time');
  const [signer] = inside(parts.at(-1), SET);
  const digest = assertSigner(inside(signer, SEQUENCE));
  const named = inside(digests, SET).map((each) => algorithm(each, DIGESTS));
  if (!named.includes(digest)) throw malformed('it does not name the algorithm of its signer');
}

/** @returns the digest algorithm */
function assertSigner([version, id, digest, attributes, signature, value]: readonly Element[]): string {
  expectInteger(version, '01');
  const [issuer, serial] = inside(id, SEQUENCE);
  if (issuer?.tag !== SEQUENCE || serial?.tag !== INTEGER) throw malformed('it names no signer');
  if (attributes?.tag !== FIRST || value?.tag !== OCTET_STRING) throw malformed('it is not signed');
  algorithm(signature, SIGNATURES);
  return algorithm(digest, DIGESTS);
}

function algorithm(element: Element | undefined, known: RegExp): string {
  const [oid] = inside(element, SEQUENCE);
  return expectOid(oid, (text) => known.test(text));
}

function expectOid(element: Element | undefined, isWanted: (oid: string) => boolean): string {
  if (element?.tag === OID && isWanted(hex(element))) return hex(element);
  throw malformed('it names an unknown type or algorithm');
}

function expectInteger(element: Element | undefined, value: string): void {
  if (element?.tag !== INTEGER || hex(element) !== value) throw malformed('its version is not known');
}

function inside(element: Element | undefined, tag: number): readonly Element[] {
  if (element?.tag !== tag) throw malformed('a part has the wrong type');
  return elements(element.content);
}

/** Definite lengths in their shortest form (X.690, 10.1). */
function elements(der: Buffer): readonly Element[] {
  const found: Element[] = [];
  let at = 0;
  while (at < der.length) {
    const [tag = 0, first = 0x80] = der.subarray(at, at + 2);
    const bytes = first < 0x80 ? 0 : first & 0x7f;
    if (first === 0x80 || bytes > 3 || at + 2 + bytes > der.length) throw malformed('a length is not valid');
    const length = bytes === 0 ? first : der.readUIntBE(at + 2, bytes);
    if (bytes > 0 && length < (bytes === 1 ? 0x80 : 2 ** (8 * (bytes - 1)))) throw malformed('a length is too long');
    const start = at + 2 + bytes;
    if (start + length > der.length) throw malformed('it is cut off');
    found.push({ tag, content: der.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}

function hex({ content }: Element): string {
  return content.toString('hex');
}

function malformed(reason: string): Error {
  return new Error(`the timestamp is not as RFC 3161 has it: ${reason}`);
}
