import { describe, expect, it } from 'vitest';
import type { ManifestBlob } from './content.ts';
import { digestOf } from './digest.ts';
import { attestationTarget, parseManifest } from './manifest.ts';
import { DOCKER_INDEX, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from './media-types.ts';

const digest = digestOf(Buffer.from('x'));
const descriptor = { mediaType: 'application/octet-stream', digest, size: 1 };
const image = { schemaVersion: 2, config: descriptor, layers: [descriptor] };

function blob(mediaType: string, content: unknown): ManifestBlob {
  const bytes = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  return { mediaType, bytes, digest: digestOf(bytes) };
}

describe('parseManifest', () => {
  it.each([OCI_MANIFEST, DOCKER_MANIFEST])('reads an image of %s', (type) => {
    expect(parseManifest(blob(type, { ...image, mediaType: type }))).toEqual({
      kind: 'image',
      config: descriptor,
      layers: [descriptor],
    });
  });

  it.each([OCI_INDEX, DOCKER_INDEX])('reads an index of %s', (type) => {
    const entry = { ...descriptor, platform: { os: 'linux', architecture: 'arm64' } };
    expect(parseManifest(blob(type, { schemaVersion: 2, manifests: [entry] }))).toEqual({
      kind: 'index',
      manifests: [entry],
    });
  });

  it('reads lists that Go wrote as null', () => {
    expect(parseManifest(blob(OCI_INDEX, { schemaVersion: 2, manifests: null }))).toEqual({
      kind: 'index',
      manifests: [],
    });
    expect(parseManifest(blob(OCI_MANIFEST, { ...image, layers: null }))).toMatchObject({ layers: [] });
  });

  it('keeps subject, annotations and artifact type', () => {
    const referrer = { ...image, subject: descriptor, annotations: { a: 'b' }, artifactType: 'text/plain' };
    expect(parseManifest(blob(OCI_MANIFEST, referrer))).toMatchObject({
      subject: descriptor,
      annotations: { a: 'b' },
      artifactType: 'text/plain',
    });
  });

  it.each<[string, string, unknown]>([
    ['not JSON', OCI_MANIFEST, '<html>'],
    ['null', OCI_MANIFEST, null],
    ['schema 1', OCI_MANIFEST, { ...image, schemaVersion: 1 }],
    ['an unknown media type', 'application/json', image],
    ['a contradicting media type', OCI_MANIFEST, { ...image, mediaType: OCI_INDEX }],
    ['an image that is an index as well', OCI_MANIFEST, { ...image, manifests: [] }],
    ['an index that is an image as well', OCI_INDEX, { schemaVersion: 2, manifests: [], layers: [] }],
    ['a negative size', OCI_MANIFEST, { ...image, config: { ...descriptor, size: -1 } }],
    ['a fractional size', OCI_MANIFEST, { ...image, config: { ...descriptor, size: 1.5 } }],
    ['a bad digest', OCI_MANIFEST, { ...image, layers: [{ ...descriptor, digest: 'sha256:../../etc' }] }],
    ['no config', OCI_MANIFEST, { schemaVersion: 2, layers: [] }],
  ])('refuses %s', (_what, type, content) => {
    expect(() => parseManifest(blob(type, content))).toThrow(expect.objectContaining({ code: 'manifest-invalid' }));
  });
});

describe('attestationTarget', () => {
  it("is the digest that BuildKit's annotations name", () => {
    const annotations = { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': digest };
    expect(attestationTarget({ ...descriptor, annotations })).toBe(digest);
    expect(attestationTarget(descriptor)).toBeUndefined();
    expect(
      attestationTarget({ ...descriptor, annotations: { ...annotations, 'vnd.docker.reference.digest': 'x' } }),
    ).toBeUndefined();
  });
});
