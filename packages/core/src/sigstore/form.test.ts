import { describe, expect, it } from 'vitest';
import { assertProofForm } from './checkpoint-form.ts';
import { assertTimestampForm } from './timestamp-form.ts';

/** What timestamp-authority 2.1.5 answered. */
const RESPONSE = Buffer.from(
  [
    'MIICmjADAgEAMIICkQYJKoZIhvcNAQcCoIICgjCCAn4CAQMxDTALBglghkgBZQMEAgEwgboGCyqGSIb3DQEJEAEEoIGqBIGnMIGkAgEBBgkr',
    'BgEEAYO/MAIwMTANBglghkgBZQMEAgEFAAQg/J4F2NOfvgAhO5KniLvyi16T9zmYGUJsb+C8SqOF7FkCFQDd+EWewFFMwjX6W6UfQRbaPHu1',
    'UhgPMjAyNjExMjExMzM3MzZaMAMCAQGgNKQyMDAxDjAMBgNVBAoTBWxvY2FsMR4wHAYDVQQDExVUZXN0IFRTQSBUaW1lc3RhbXBpbmegADGC',
    'AakwggGlAgEBMEgwMDEOMAwGA1UEChMFbG9jYWwxHjAcBgNVBAMTFVRlc3QgVFNBIEludGVybWVkaWF0ZQIUeOCnE/e3WBK8bPIInA9HAGrC',
    '9jMwCwYJYIZIAWUDBAIBoIHzMBoGCSqGSIb3DQEJAzENBgsqhkiG9w0BCRABBDAcBgkqhkiG9w0BCQUxDxcNMjYxMTIxMTMzNzM2WjAvBgkq',
    'hkiG9w0BCQQxIgQg74J0QNwI/kxg2EzctQxlJ59l2eQkNCvXMRxDstrbHyowgYUGCyqGSIb3DQEJEAIvMXYwdDByMHAEIL3mYMjQJ06T6ukG',
    '6QP11MvmaOJbuxXoz+UmPsayMWR6MEwwNKQyMDAxDjAMBgNVBAoTBWxvY2FsMR4wHAYDVQQDExVUZXN0IFRTQSBJbnRlcm1lZGlhdGUCFHjg',
    'pxP3t1gSvGzyCJwPRwBqwvYzMAoGCCqGSM49BAMCBEcwRQIgeC97CcSBTCtsk0eFKCZcNiLI5drM/RZARMg++pa9wJUCIQDIGdZfpxDjpyWM',
    'o5UvkAXkMu2pOhsGUpHnMYj8HUfq2g==',
  ].join(''),
  'base64',
);

const changed = (at: number, to: number) => {
  const copy = Buffer.from(RESPONSE);
  copy[at] = to;
  return copy;
};

describe('a timestamp response', () => {
  it('is as the authority sends it', () => {
    expect(() => assertTimestampForm(RESPONSE)).not.toThrow();
  });

  it.each([
    ['says that it was refused', 8, 2],
    ['is not a sequence', 0, 0x31],
    ['has another version', 34, 2],
    ['names an unknown digest algorithm', 49, 4],
    ['has another element for its certificates', 239, 0x60],
    ['names an unknown signature algorithm', 593, 0x3c],
    ['has an element of no known type', 254, 0x31],
  ])('is refused when it %s', (_what, at, to) => {
    expect(RESPONSE[at]).not.toBe(to);
    expect(() => assertTimestampForm(changed(at, to))).toThrow('RFC 3161');
  });

  it('is refused when something follows it, or is missing', () => {
    expect(() => assertTimestampForm(Buffer.concat([RESPONSE, Buffer.from([5, 0])]))).toThrow('follows');
    for (const length of [0, 1, 3, 40, RESPONSE.length - 1]) {
      expect(() => assertTimestampForm(RESPONSE.subarray(0, length))).toThrow('RFC 3161');
    }
  });

  it('is refused when a length is not in its shortest form', () => {
    // SEQUENCE of no length that could be shorter.
    expect(() => assertTimestampForm(Buffer.from('308100', 'hex'))).toThrow('too long');
    expect(() => assertTimestampForm(Buffer.from('3080', 'hex'))).toThrow('not valid');
  });
});

describe('an inclusion proof', () => {
  const rootHash = Buffer.alloc(32, 7);
  const checkpoint = `log.example\n12\n${rootHash.toString('base64')}\n\n\u2014 log.example AAAAAAA=\n`;

  const proof = { treeSize: '12', rootHash, logIndex: '11' };

  it('is of the entry that it stands in, where no promise says which that is', () => {
    expect(() => assertProofForm({ ...proof, checkpoint, unsignedIndex: '11' })).not.toThrow();
    expect(() => assertProofForm({ ...proof, checkpoint, unsignedIndex: '1' })).toThrow('another entry');
  });

  it('is for the tree of its checkpoint', () => {
    expect(() => assertProofForm({ ...proof, checkpoint })).not.toThrow();
    expect(() => assertProofForm({ ...proof, treeSize: '13', checkpoint })).toThrow('tree');
    expect(() => assertProofForm({ ...proof, rootHash: Buffer.alloc(32), checkpoint })).toThrow('tree');
  });

  it('has signatures that are written in one way only', () => {
    const loose = checkpoint.replace('AAAAAAA=', 'AAAAAAB=');
    expect(() => assertProofForm({ ...proof, checkpoint: loose })).toThrow('canonical');
  });
});
