import { describe, expect, it } from 'vitest';
import { digestOf } from '../../oci/digest.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import { vsaStatement } from '../../sigstore/vsa.ts';
import type { BundleReport, VerifyReport } from '../verify/report.ts';
import { levelOf } from './summarise.ts';

const [image, referrer, policy] = ['image', 'referrer', 'policy'].map((text) => digestOf(Buffer.from(text)));
const digest = image ?? digestOf(Buffer.from(''));

function reportWith(...bundles: readonly Partial<BundleReport>[]): VerifyReport {
  const whole = bundles.map((bundle) => ({
    referrer: digest,
    subject: digest,
    subjectName: 'index',
    accepted: true,
    ...bundle,
  }));
  return {
    version: 1,
    repository: 'registry.example/acme/app',
    digest,
    outcome: 'verified',
    verified: true,
    policy: {},
    requirements: [],
    bundles: whole,
    lost: [],
    checkedAt: '2026-11-21T00:00:00Z',
  };
}

describe('the level of a verification summary', () => {
  const provenance = { predicateType: PREDICATE_TYPES.slsaprovenance1 };

  it('is what accepted provenance of the image itself allows', () => {
    expect(levelOf(reportWith(provenance), true)).toBe('SLSA_BUILD_LEVEL_2');
    expect(levelOf(reportWith(provenance), false)).toBe('SLSA_BUILD_LEVEL_1');
  });

  it.each<[string, Partial<BundleReport>]>([
    ['another type', { predicateType: PREDICATE_TYPES.spdx }],
    ['a refused bundle', { ...provenance, accepted: false }],
    ['another subject', { ...provenance, subject: digestOf(Buffer.from('other')) }],
  ])('is not claimed for %s', (_what, bundle) => {
    expect(levelOf(reportWith(bundle), true)).toBe('SLSA_BUILD_LEVEL_UNEVALUATED');
  });
});

describe('a verification summary', () => {
  it('has the form of the specification', () => {
    const statement = vsaStatement({
      subject: digest,
      verifier: 'https://github.com/acme/app/.github/workflows/promote.yml@refs/heads/main',
      verifiedAt: new Date('2026-11-21T10:00:00.123Z'),
      repository: 'quay.example/acme/app',
      policy: { uri: 'https://github.com/acme/app/.github/plimsoll.yml@main', digest: policy ?? digest },
      inputs: [{ repository: 'ghcr.example/acme/app', digest: referrer ?? digest }],
      level: 'SLSA_BUILD_LEVEL_2',
    });
    expect(statement).toMatchObject({
      subjects: [digest],
      predicateType: 'https://slsa.dev/verification_summary/v1',
      predicate: {
        verifier: { id: expect.stringMatching(/^https:/) as string },
        timeVerified: '2026-11-21T10:00:00Z',
        resourceUri: 'oci://quay.example/acme/app',
        policy: { digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string } },
        inputAttestations: [{ uri: `oci://ghcr.example/acme/app@${referrer}` }],
        verificationResult: 'PASSED',
        verifiedLevels: ['SLSA_BUILD_LEVEL_2'],
      },
    });
  });
});
