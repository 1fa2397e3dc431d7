import { describe, expect, it } from 'vitest';
import { legacyAnnotations, simpleSigningPayload } from './legacy.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const entry = {
  logIndex: '7',
  logId: { keyId: base64('log') },
  integratedTime: '1700000000',
  inclusionPromise: { signedEntryTimestamp: base64('promise') },
  canonicalizedBody: base64('{}'),
};
const bundle = (material: object) => ({ messageSignature: { signature: 'c2ln' }, verificationMaterial: material });

describe('the old form', () => {
  it("says the log's promise as cosign 2 reads it", () => {
    const annotations = legacyAnnotations(bundle({ tlogEntries: [entry] }));
    expect(annotations['dev.cosignproject.cosign/signature']).toBe('c2ln');
    expect(JSON.parse(annotations['dev.sigstore.cosign/bundle'] ?? '')).toEqual({
      SignedEntryTimestamp: base64('promise'),
      Payload: {
        body: base64('{}'),
        integratedTime: 1700000000,
        logIndex: 7,
        logID: Buffer.from('log').toString('hex'),
      },
    });
  });

  it('says nothing of a log that gave no promise', () => {
    const { inclusionPromise: _none, ...rest } = entry;
    const timestamp = { rfc3161Timestamps: [{ signedTimestamp: 'dHNh' }] };
    expect(legacyAnnotations(bundle({ tlogEntries: [rest], timestampVerificationData: timestamp }))).toEqual({
      'dev.cosignproject.cosign/signature': 'c2ln',
      'dev.sigstore.cosign/rfc3161timestamp': '{"SignedRFC3161Timestamp":"dHNh"}',
    });
  });

  it('signs which manifest, where it was first published, and nothing else', () => {
    const digest = `sha256:${'a'.repeat(64)}` as const;
    expect(simpleSigningPayload('ghcr.io/acme/app', digest).toString()).toBe(
      `{"critical":{"identity":{"docker-reference":"ghcr.io/acme/app"},"image":{"docker-manifest-digest":"${digest}"},"type":"cosign container image signature"},"optional":null}`,
    );
  });
});
