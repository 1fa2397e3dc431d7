import { describe, expect, it } from 'vitest';
import { type Digest, digestOf } from '../../oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../oci/media-types.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import { contentProblem } from './content.ts';
import type { ContentRules } from './content-rules.ts';
import type { ImageShape } from './image.ts';
import { checkRequirements } from './requirements.ts';

const { cyclonedx, slsaprovenance1, spdx, verdict, vuln } = PREDICATE_TYPES;
const index = digestOf(Buffer.from('index'));
const amd64 = digestOf(Buffer.from('amd64'));
const arm64 = digestOf(Buffer.from('arm64'));
const part = (name: string, digest: Digest) => ({ name, descriptor: { mediaType: OCI_MANIFEST, digest, size: 1 } });
const image: ImageShape = {
  root: { mediaType: OCI_INDEX, digest: index, size: 1 },
  platforms: [part('linux/amd64', amd64), part('linux/arm64', arm64)],
  attestations: [],
};
const COMMIT = 'a'.repeat(40);

const statement = (predicateType: string, predicate: unknown, subjects = [index, amd64]): VerifiedBundle => ({
  bytes: Buffer.alloc(0),
  bundle: {} as VerifiedBundle['bundle'],
  statement: { predicateType, subjects, predicate },
  signer: {
    issuer: 'https://issuer.example',
    identity: 'https://github.com/acme/app/x.yml@refs/heads/main',
    sourceRepository: 'https://github.com/acme/app',
    sourceDigest: COMMIT,
  },
  signedAt: new Date('2026-01-01T00:00:00Z'),
  logged: true,
});

const problem = (bundle: VerifiedBundle, accepted: readonly VerifiedBundle[] = [], rules: ContentRules = {}) =>
  contentProblem(bundle, rules, { now: new Date('2026-01-02T00:00:00Z'), image, accepted })?.code;

const scan = (packages: readonly string[], os: unknown = { Family: 'debian', Name: '12.5' }) => ({
  scanner: {
    result: {
      Metadata: { OS: os },
      Results: [
        { Class: 'os-pkgs', Vulnerabilities: packages.map((PkgName) => ({ PkgName, Severity: 'HIGH' })) },
        { Class: 'lang-pkgs', Vulnerabilities: [{ PkgName: 'left-pad', Severity: 'LOW' }] },
      ],
    },
  },
});

const purl = (name: string, distro: string) => `pkg:deb/debian/${name}@1?arch=amd64&distro=${distro}`;
const spdxOf = (distro: string, ...names: readonly string[]) => ({
  packages: names.map((name) => ({
    name,
    externalRefs: [{ referenceType: 'purl', referenceLocator: purl(name, distro) }],
  })),
});
const cyclonedxOf = (distro: string, ...names: readonly string[]) => ({
  components: names.map((name) => ({ name, purl: purl(name, distro) })),
});

describe.each([
  ['an SPDX SBOM', spdx, spdxOf],
  ['a CycloneDX SBOM', cyclonedx, cyclonedxOf],
])('%s', (_name, type, write) => {
  it('lists something', () => {
    expect(problem(statement(type, write('debian-12')))).toBe('sbom-empty');
    expect(problem(statement(type, write('debian-12', 'busybox')))).toBeUndefined();
  });

  it('may be signed as a text, as cosign does', () => {
    expect(problem(statement(type, JSON.stringify(write('debian-12', 'busybox'))))).toBeUndefined();
    expect(problem(statement(type, '{'))).toBe('sbom-empty');
  });

  it('is of the operating system that the scan saw', () => {
    const seen = [statement(vuln, scan([]))];
    expect(problem(statement(type, write('debian-12', 'busybox')), seen)).toBeUndefined();
    expect(problem(statement(type, write('debian-11', 'busybox')), seen)).toBe('sbom-foreign');
    expect(problem(statement(type, write('ubuntu-12', 'busybox')), seen)).toBe('sbom-foreign');
  });

  it('names every vulnerable package of the operating system', () => {
    const seen = [statement(vuln, scan(['busybox', 'libc6']))];
    expect(problem(statement(type, write('debian-12', 'busybox')), seen)).toBe('sbom-incomplete');
    expect(problem(statement(type, write('debian-12', 'busybox', 'libc6')), seen)).toBeUndefined();
  });

  it('is held against the scan of its own platform only', () => {
    const seen = [statement(vuln, scan(['libc6']), [index, arm64])];
    expect(problem(statement(type, write('debian-12', 'busybox')), seen)).toBeUndefined();
    expect(problem(statement(type, write('debian-12', 'busybox'), [index]), seen)).toBe('sbom-incomplete');
  });

  it('is not compared where the scan found no known distribution', () => {
    for (const os of [{}, { Family: 'none', Name: '1' }, { Family: 'debian', Name: 'sid' }]) {
      expect(problem(statement(type, write('debian-11', 'a')), [statement(vuln, scan([], os))])).toBeUndefined();
    }
  });
});

describe('what a scan found', () => {
  const counts = { critical: 0, high: 2, medium: 0, low: 1, unknown: 0 };

  it.each([
    ['a vulnerability result', statement(vuln, scan(['a', 'b']))],
    ['a verdict', statement(verdict, { counts })],
  ])('is within the numbers of the policy: %s', (_name, bundle) => {
    expect(problem(bundle)).toBeUndefined();
    expect(problem(bundle, [], { maxFindings: { critical: 0, high: 2, low: 1 } })).toBeUndefined();
    expect(problem(bundle, [], { maxFindings: { high: 1 } })).toBe('too-many-findings');
    expect(problem(bundle, [], { maxFindings: { low: 0 } })).toBe('too-many-findings');
  });

  it('is not hidden by an older result', () => {
    const clean = { ...statement(vuln, scan([]), [index]), signedAt: new Date('2025-12-01T00:00:00Z') };
    const accepted = [clean, statement(vuln, scan(['a']), [index])];
    const [report] = checkRequirements([vuln], { accepted, image, now: new Date(), maxFindings: { high: 0 } });
    expect(report).toMatchObject({ met: false, reason: 'too-many-findings' });
    const [fine] = checkRequirements([vuln], { accepted: [clean], image, now: new Date(), maxFindings: { high: 0 } });
    expect(fine?.met).toBe(true);
  });
});

describe('the commit of a provenance', () => {
  const from = (uri: string, gitCommit: string) =>
    statement(slsaprovenance1, { buildDefinition: { resolvedDependencies: [{ uri, digest: { gitCommit } }] } });

  it.each([
    'git+https://github.com/acme/app@refs/heads/main',
    'git+https://github.com/Acme/App.git#refs/heads/main',
    'https://github.com/acme/app',
  ])('is that of the certificate: %s', (uri) => {
    expect(problem(from(uri, COMMIT))).toBeUndefined();
    expect(problem(from(uri, 'b'.repeat(40)))).toBe('provenance-commit');
  });

  it('is not that of another repository that went into the image', () => {
    expect(problem(from('git+https://github.com/acme/library', 'b'.repeat(40)))).toBeUndefined();
  });
});
