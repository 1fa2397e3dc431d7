import { describe, expect, it } from 'vitest';
import { type Digest, digestOf } from '../../oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../oci/media-types.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import type { ImageShape } from './image.ts';
import { formatOf, verifiedSbom } from './sbom-document.ts';

const [index, amd64, arm64] = ['index', 'amd64', 'arm64'].map((name) => digestOf(Buffer.from(name))) as [
  Digest,
  Digest,
  Digest,
];
const part = (name: string, digest: Digest) => ({ name, descriptor: { mediaType: OCI_MANIFEST, digest, size: 1 } });
const image: ImageShape = {
  root: { mediaType: OCI_INDEX, digest: index, size: 1 },
  platforms: [part('linux/amd64', amd64), part('linux/arm64', arm64)],
  attestations: [],
};
const sbom = (subjects: Digest[], predicate: unknown, day: number) =>
  ({
    statement: { predicateType: PREDICATE_TYPES.spdx, subjects, predicate },
    signedAt: new Date(Date.UTC(2026, 0, day)),
  }) as unknown as VerifiedBundle;
const ask = (accepted: readonly VerifiedBundle[], platform: string) =>
  JSON.parse(verifiedSbom(accepted, image, { format: 'spdx', platform })) as unknown;

describe('the SBOM to hand out', () => {
  it.each([
    ['out.json', 'spdx'],
    ['out.spdx.json', 'spdx'],
    ['out.cdx.json', 'cyclonedx'],
    ['bom-CycloneDX.json', 'cyclonedx'],
    ['outcdx.txt', 'spdx'],
  ])('has the form that the name %s asks for: %s', (file, format) => {
    expect(formatOf(file)).toBe(format);
  });

  it('is the newest of the platform, whether signed as JSON or as a text', () => {
    const accepted = [
      sbom([index, amd64], { of: 'amd64' }, 3),
      sbom([index, arm64], { of: 'arm64, older' }, 1),
      sbom([index, arm64], '{"of":"arm64, newer"}', 2),
    ];
    expect(ask(accepted, 'linux/amd64')).toEqual({ of: 'amd64' });
    expect(ask(accepted, 'linux/arm64')).toEqual({ of: 'arm64, newer' });
  });

  it('may be one about the index as a whole', () => {
    expect(ask([sbom([index], { of: 'all' }, 1)], 'linux/arm64')).toEqual({ of: 'all' });
  });
});
