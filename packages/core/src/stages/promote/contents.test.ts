import { describe, expect, it } from 'vitest';
import { digestOf } from '../../oci/digest.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import { compareContents, contentsOf } from './contents.ts';

const image = digestOf(Buffer.from('image'));

function sbom(packages: Readonly<Record<string, string>>, minute = 0) {
  const listed = Object.entries(packages).map(([name, versionInfo]) => ({ name, versionInfo }));
  return signed(PREDICATE_TYPES.spdx, { packages: [{ name: 'the image' }, ...listed] }, minute);
}

function scan(...names: readonly string[]) {
  const found = names.map((VulnerabilityID) => ({ VulnerabilityID, PkgName: 'zlib', Severity: 'HIGH' }));
  return signed(PREDICATE_TYPES.vuln, { scanner: { result: { Results: [{ Vulnerabilities: found }] } } });
}

function signed(predicateType: string, predicate: unknown, minute = 0) {
  const statement = { subjects: [image], predicateType, predicate };
  return { statement, signedAt: new Date(Date.UTC(2026, 10, 21, 0, minute)) };
}

describe('two releases', () => {
  it('differ in packages and vulnerabilities', () => {
    const before = contentsOf([sbom({ zlib: '1.0', musl: '1.2.4', curl: '8' }), scan('CVE-1', 'CVE-2')]);
    const after = contentsOf([sbom({ zlib: '1.0', musl: '1.2.5', jq: '1.7' }), scan('CVE-2', 'CVE-3')]);
    expect(compareContents(before, after)).toEqual({
      packages: { added: ['jq 1.7'], removed: ['curl 8'], changed: [{ name: 'musl', from: '1.2.4', to: '1.2.5' }] },
      vulnerabilities: {
        appeared: [{ name: 'CVE-3 in zlib', severity: 'high' }],
        gone: [{ name: 'CVE-1 in zlib', severity: 'high' }],
      },
    });
  });

  it('are not compared where one has no evidence: nothing is not the same as none', () => {
    expect(compareContents(contentsOf([scan('CVE-1')]), contentsOf([sbom({ zlib: '1' })]))).toEqual({});
  });

  it('are what the newest of several statements about the same says', () => {
    const after = contentsOf([sbom({ zlib: '2' }, 5), sbom({ zlib: '1' }, 1)]);
    expect(after.packages.get('spdx')).toEqual(new Map([['zlib', new Set(['2'])]]));
  });

  it('are compared by the format that both have, for generators of another name packages otherwise', () => {
    const components = (version: string) => [
      { group: '@acme', name: 'ui', version, purl: `pkg:npm/%40acme/ui@${version}` },
    ];
    const other = (version: string) => signed(PREDICATE_TYPES.cyclonedx, { components: components(version) });
    const changed = compareContents(contentsOf([other('1'), sbom({ zlib: '1' })]), contentsOf([other('2')]));
    expect(changed.packages?.changed).toEqual([{ name: '@acme/ui', from: '1', to: '2' }]);
    expect(compareContents(contentsOf([other('1')]), contentsOf([sbom({ zlib: '1' })]))).toEqual({});
  });

  it('may have an SBOM that was signed as one text', () => {
    const text = signed(PREDICATE_TYPES.spdx, JSON.stringify({ packages: [{ name: 'zlib', versionInfo: '1' }] }));
    expect(contentsOf([text]).packages.get('spdx')?.size).toBe(1);
    expect(contentsOf([signed(PREDICATE_TYPES.spdx, '<')]).packages.get('spdx')?.size).toBe(0);
  });
});
