import { describe, expect, it } from 'vitest';
import type { FindingPlace, VulnerabilityFinding } from '../../policy/findings.ts';
import { judge } from '../../policy/gate.ts';
import { foreignSuppressions } from './foreign-suppressions.ts';

const root = `sha256:${'a'.repeat(64)}`;
const amd64 = `sha256:${'b'.repeat(64)}`;
const arm64 = `sha256:${'c'.repeat(64)}`;
const image = {
  name: 'ghcr.io/acme/app',
  digest: root,
  platforms: [
    { platform: 'linux/amd64', digest: amd64 },
    { platform: 'linux/arm64', digest: arm64 },
  ],
};
const systems = new Map([
  ['linux/amd64', 'debian 11.9'],
  ['linux/arm64', 'debian 12.11'],
]);
const onAmd64: FindingPlace = { in: 'image', platforms: ['linux/amd64'] };
const onArm64: FindingPlace = { in: 'image', platforms: ['linux/arm64'] };
const inSource: FindingPlace = { in: 'source', path: 'package-lock.json' };

function found(purl: string, version: string, places: readonly FindingPlace[] = [onAmd64]): VulnerabilityFinding {
  return {
    kind: 'vulnerability',
    id: 'CVE-2026-1',
    aliases: ['GHSA-aaaa'],
    severity: 'critical',
    title: 't',
    fingerprint: 'f',
    sources: ['trivy'],
    package: { name: purl.split('/').at(-1) ?? '', purl, versions: [version] },
    places,
  };
}

function outcome(finding: VulnerabilityFinding, ...documents: readonly object[]): string {
  const vex = documents.map((each, at) => ({ path: `${at}.json`, text: JSON.stringify(each) }));
  const foreign = foreignSuppressions({ vex }, image);
  const rules = { severities: ['critical' as const], fixableOnly: false, misconfigurations: [] };
  return judge([finding], { ...rules, ...foreign, systems }, new Date('2026-12-01')).outcome;
}

const openVex = (...statements: readonly object[]) => ({
  '@context': 'https://openvex.dev/ns/v0.2.0',
  author: 'Acme',
  timestamp: '2026-11-01T00:00:00Z',
  statements,
});
const says = (id: string, status = 'not_affected', change: object = {}) => ({
  vulnerability: { name: 'CVE-2026-1' },
  products: [{ '@id': id }],
  status,
  ...change,
});
const at = (timestamp: string) => ({ timestamp });

describe('OpenVEX', () => {
  const x1 = found('pkg:npm/x', '1');

  it.each([
    ['the package', [says('pkg:npm/x')], 'pass'],
    [
      'then a version of it affected',
      [says('pkg:npm/x'), says('pkg:npm/x@1', 'affected', at('2026-11-02T00:00:00Z'))],
      'fail',
    ],
    [
      'a version, then the package affected',
      [says('pkg:npm/x@1'), says('pkg:npm/x', 'affected', at('2026-11-02T00:00:00Z'))],
      'fail',
    ],
    [
      'another version affected',
      [says('pkg:npm/x'), says('pkg:npm/x@2', 'affected', at('2026-11-02T00:00:00Z'))],
      'pass',
    ],
    [
      'a version, and at the same time the package affected',
      [says('pkg:npm/x', 'affected'), says('pkg:npm/x@1')],
      'pass',
    ],
    ['both at the same time', [says('pkg:npm/x'), says('pkg:npm/x', 'under_investigation')], 'fail'],
    ['affected long before', [says('pkg:npm/x', 'affected', at('2026-10-01T00:00:00Z')), says('pkg:npm/x')], 'pass'],
    [
      'later by its zone only',
      [
        says('pkg:npm/x', 'affected', at('2026-11-01T01:00:00+02:00')),
        says('pkg:npm/x', 'fixed', at('2026-11-01T00:00:00Z')),
      ],
      'pass',
    ],
    [
      'earlier by its zone only',
      [
        says('pkg:npm/x', 'affected', at('2026-11-01T00:30:00-02:00')),
        says('pkg:npm/x', 'fixed', at('2026-11-01T01:00:00Z')),
      ],
      'fail',
    ],
    ['at no time that can be read', [says('pkg:npm/x', 'affected'), says('pkg:npm/x', 'fixed', at('later'))], 'fail'],
    ['by an alias', [says('pkg:npm/x', 'fixed', { vulnerability: { name: 'X-1', aliases: ['GHSA-aaaa'] } })], 'pass'],
    [
      'affected by an alias',
      [
        says('pkg:npm/x'),
        says('pkg:npm/x', 'affected', { vulnerability: { name: 'GHSA-aaaa' }, ...at('2026-11-02T00:00:00Z') }),
      ],
      'fail',
    ],
  ])('%s', (_name, statements, expected) => {
    expect(outcome(x1, openVex(...statements))).toBe(expected);
  });

  it('is decided over all documents', () => {
    const later = { ...openVex(says('pkg:npm/x', 'affected')), timestamp: '2026-11-05T00:00:00Z' };
    expect(outcome(x1, openVex(says('pkg:npm/x')), later)).toBe('fail');
    expect(outcome(x1, later, openVex(says('pkg:npm/x')))).toBe('fail');
  });
});

describe('where a product is', () => {
  const zlib = found('pkg:deb/debian/zlib1g', '1:1.2');
  const onBoth = { ...zlib, places: [{ ...onAmd64, platforms: ['linux/amd64', 'linux/arm64'] }] };

  it.each([
    ['pkg:deb/debian/zlib1g@1:1.2?arch=amd64', zlib, 'pass'],
    ['pkg:deb/debian/zlib1g@1.2?epoch=1&arch=amd64', zlib, 'pass'],
    ['pkg:deb/debian/zlib1g@1.2', zlib, 'fail'],
    ['pkg:deb/debian/zlib1g?arch=arm64&distro=debian-12', zlib, 'fail'],
    ['pkg:deb/debian/zlib1g?arch=arm64', onBoth, 'fail'],
    ['pkg:deb/debian/zlib1g?arch=all', onBoth, 'pass'],
    ['pkg:deb/debian/zlib1g?distro=debian-12', zlib, 'fail'],
    ['pkg:deb/debian/zlib1g?distro=bullseye', zlib, 'pass'],
    ['pkg:deb/debian/zlib1g?vcs_url=https://x.example', zlib, 'fail'],
    [`pkg:oci/app@${arm64}`, zlib, 'fail'],
    [`pkg:oci/app@${amd64}`, zlib, 'pass'],
    [`pkg:oci/app@${root}`, onBoth, 'pass'],
    [`pkg:oci/app@${root}?arch=amd64`, onBoth, 'fail'],
    ['pkg:oci/app?tag=1.0', zlib, 'fail'],
    ['pkg:oci/app', { ...zlib, places: [onAmd64, inSource] }, 'fail'],
    ['pkg:golang/example.com/m@v1.2.3', found('pkg:golang/example.com/m', '1.2.3'), 'pass'],
    ['pkg:maven/g/a@1?type=jar', found('pkg:maven/g/a', '1'), 'pass'],
  ])('%s', (id, finding, expected) => {
    expect(outcome(finding, openVex(says(id)))).toBe(expected);
  });

  it('keeps to the components within the platform that is meant', () => {
    const products = [{ '@id': `pkg:oci/app@${arm64}`, subcomponents: [{ '@id': 'pkg:npm/x@1' }] }];
    expect(outcome(found('pkg:npm/x', '1'), openVex({ ...says(''), products }))).toBe('fail');
    expect(outcome(found('pkg:npm/x', '1', [onArm64]), openVex({ ...says(''), products }))).toBe('pass');
    expect(outcome(found('pkg:npm/x', '1', [inSource]), openVex({ ...says(''), products }))).toBe('fail');
  });
});

describe('CSAF', () => {
  const csaf = (category: string, name: string, status: object, purl = 'pkg:npm/x') => ({
    document: { publisher: { name: 'Acme' } },
    product_tree: {
      branches: [
        { category, name, product: { product_id: 'ranged', product_identification_helper: { purl } } },
        {
          category: 'product_version',
          name: '1',
          product: { product_id: 'one', product_identification_helper: { purl } },
        },
      ],
    },
    vulnerabilities: [{ cve: 'CVE-2026-1', product_status: status }],
  });
  const range = ['product_version_range', 'vers:npm/>=2'] as const;

  it('clears nothing by a range that has no version in its package URL', () => {
    expect(outcome(found('pkg:npm/x', '1'), csaf(...range, { fixed: ['ranged'] }))).toBe('fail');
    expect(outcome(found('pkg:npm/x', '1'), csaf(...range, { fixed: ['ranged'], known_affected: ['one'] }))).toBe(
      'fail',
    );
  });

  it('takes the version of the branch for that of the package URL', () => {
    const fixed = csaf('product_version', '2', { fixed: ['ranged'] });
    expect(outcome(found('pkg:npm/x', '2'), fixed)).toBe('pass');
    expect(outcome(found('pkg:npm/x', '1'), fixed)).toBe('fail');
  });

  it('lets what is affected win over what is clear', () => {
    const both = csaf('product_version', '1', { known_not_affected: ['ranged'], under_investigation: ['one'] });
    expect(outcome(found('pkg:npm/x', '1'), both)).toBe('fail');
  });
});

describe('CycloneDX', () => {
  const bom = (state: string, versions: readonly object[]) => ({
    bomFormat: 'CycloneDX',
    vulnerabilities: [{ id: 'CVE-2026-1', analysis: { state }, affects: [{ ref: 'pkg:npm/x', versions }] }],
  });

  it.each([
    ['not_affected', [], 'pass'],
    ['not_affected', [{ version: '1', status: 'affected' }], 'fail'],
    ['resolved', [{ version: '1' }, { version: '2', status: 'unaffected' }], 'fail'],
    ['resolved', [{ version: '2', status: 'unaffected' }], 'fail'],
    ['resolved', [{ version: '1', status: 'unaffected' }], 'pass'],
    ['resolved', [{ version: '1', status: 'unknown' }], 'fail'],
    ['resolved', [{ range: 'vers:npm/>=1', status: 'unaffected' }], 'fail'],
    ['exploitable', [{ version: '1', status: 'unaffected' }], 'fail'],
  ])('%s with %j', (state, versions, expected) => {
    expect(outcome(found('pkg:npm/x', '1'), bom(state, versions))).toBe(expected);
  });
});
