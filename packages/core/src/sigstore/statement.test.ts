import { describe, expect, it } from 'vitest';
import { digestOf } from '../oci/digest.ts';
import { isFailure } from '../runtime/errors.ts';
import { bundleAnnotations, parseBundle } from './bundle.ts';
import { cosignType, predicateName, predicateType } from './predicates.ts';
import { decodeStatement, encodeStatement, signatureStatement, statementKey } from './statement.ts';

const one = digestOf(Buffer.from('one'));
const two = digestOf(Buffer.from('two'));

const failureOf = (body: () => unknown): unknown => {
  try {
    return body();
  } catch (error) {
    return isFailure(error) ? error.code : error;
  }
};

describe('a statement', () => {
  it('names its subjects by digest only, so that it holds in any repository', () => {
    expect(JSON.parse(encodeStatement(signatureStatement(one)).toString())).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { sha256: one.slice('sha256:'.length) } }],
      predicateType: 'https://sigstore.dev/cosign/sign/v1',
      predicate: {},
    });
  });

  it('is read back as it was written', () => {
    const statement = { subjects: [one, two], predicateType: 'https://spdx.dev/Document', predicate: { name: 'app' } };
    expect(decodeStatement(encodeStatement(statement))).toEqual(statement);
  });

  it('reads what BuildKit writes, with or without subjects', () => {
    const old = { _type: 'https://in-toto.io/Statement/v0.1', subject: null, predicateType: 'x:y', predicate: 1 };
    expect(decodeStatement(Buffer.from(JSON.stringify(old)))).toEqual({
      subjects: [],
      predicateType: 'x:y',
      predicate: 1,
    });
  });

  it('ignores digests of algorithms that no image has', () => {
    const subject = [{ digest: { sha1: 'a'.repeat(40), sha256: one.slice('sha256:'.length) } }];
    const bytes = JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', subject, predicateType: 'x:y' });
    expect(decodeStatement(Buffer.from(bytes)).subjects).toEqual([one]);
  });

  it.each(['', '{', '[]', '{}', '{"_type":"https://in-toto.io/Statement/v9","subject":[],"predicateType":"x"}'])(
    'is not %j',
    (text) => {
      expect(failureOf(() => decodeStatement(Buffer.from(text)))).toBe('manifest-invalid');
    },
  );

  it('is the same claim whatever the order of subjects and keys', () => {
    const claim = (predicate: unknown, subjects = [one, two]) =>
      statementKey({ subjects, predicateType: 'x:y', predicate });
    expect(claim({ a: 1, b: [{ c: 2, d: 3 }] })).toBe(claim({ b: [{ d: 3, c: 2 }], a: 1 }, [two, one]));
    expect(claim({ a: [1, 2] })).not.toBe(claim({ a: [2, 1] }));
    expect(claim({ a: 1 })).not.toBe(claim({ a: 1 }, [one]));
  });
});

describe('a bundle', () => {
  it.each(['', 'null', '{}', '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}'])('is not %j', (text) => {
    expect(failureOf(() => parseBundle(Buffer.from(text)))).toBe('manifest-invalid');
  });

  it('is annotated as cosign does it', () => {
    expect(bundleAnnotations('x:y', new Date('2026-01-02T03:04:05.678Z'))).toEqual({
      'dev.sigstore.bundle.content': 'dsse-envelope',
      'dev.sigstore.bundle.predicateType': 'x:y',
      'org.opencontainers.image.created': '2026-01-02T03:04:05Z',
    });
  });
});

describe('a predicate type', () => {
  it.each([
    ['spdx', 'https://spdx.dev/Document'],
    ['vuln', 'https://cosign.sigstore.dev/attestation/vuln/v1'],
    ['https://example.com/review/v1', 'https://example.com/review/v1'],
    ['sdpx', undefined],
    ['constructor', undefined],
  ])('%s stands for %s', (name, type) => {
    expect(predicateType(name)).toBe(type);
  });

  it('is given to cosign by name only where cosign knows the name', () => {
    expect(cosignType('https://slsa.dev/provenance/v1')).toBe('slsaprovenance1');
    expect(cosignType('https://sigstore.dev/cosign/sign/v1')).toBe('https://sigstore.dev/cosign/sign/v1');
    expect(predicateName('https://example.com/review/v1')).toBe('https://example.com/review/v1');
  });
});
