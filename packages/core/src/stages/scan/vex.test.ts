import { describe, expect, it } from 'vitest';
import { readVex } from './vex.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const image = { name: 'ghcr.io/acme/app', digest, platforms: [{ platform: 'linux/amd64', digest }] };
const read = (document: object) => readVex(JSON.stringify(document), 'x.json', image);

describe('CSAF', () => {
  const tree = {
    branches: [
      {
        category: 'vendor',
        branches: [
          { product: { product_id: 'zlib', product_identification_helper: { purl: 'pkg:deb/debian/zlib1g@1.2' } } },
          { product: { product_id: 'nameless' } },
        ],
      },
    ],
    full_product_names: [
      { product_id: 'app', product_identification_helper: { purl: 'pkg:oci/app?repository_url=ghcr.io/acme/app' } },
      { product_id: 'other', product_identification_helper: { purl: 'pkg:oci/app?repository_url=ghcr.io/evil/app' } },
      { product_id: 'os', product_identification_helper: { cpe: 'cpe:/o:x' } },
    ],
    relationships: [
      ['zlib-in-app', 'app'],
      ['zlib-in-other', 'other'],
      ['zlib-in-os', 'os'],
    ].map(([id, whole]) => ({
      category: 'default_component_of',
      product_reference: 'zlib',
      relates_to_product_reference: whole,
      full_product_name: { product_id: id },
    })),
  };
  const csaf = (vulnerability: object) => ({
    document: { category: 'csaf_vex', publisher: { name: 'Acme PSIRT' } },
    product_tree: tree,
    vulnerabilities: [{ cve: 'CVE-2026-1', ...vulnerability }],
  });
  const notAffected = (...products: readonly string[]) => ({ product_status: { known_not_affected: products } });

  it('clears a package, with the publisher, the flag and the impact', () => {
    const found = read(
      csaf({
        ...notAffected('zlib'),
        flags: [{ label: 'vulnerable_code_not_in_execute_path', product_ids: ['zlib'] }],
        threats: [{ category: 'impact', details: 'minizip is not built', product_ids: ['zlib'] }],
      }),
    );
    expect(found.suppressions).toEqual([
      {
        id: 'CVE-2026-1',
        reason: 'not affected: vulnerable code not in execute path: minizip is not built',
        origin: 'Acme PSIRT, x.json',
        package: 'pkg:deb/debian/zlib1g',
        version: '1.2',
        stated: '',
      },
    ]);
  });

  it('clears a package as part of this image, and not of another', () => {
    expect(read(csaf(notAffected('zlib-in-app'))).suppressions).toMatchObject([{ package: 'pkg:deb/debian/zlib1g' }]);
    expect(read(csaf(notAffected('zlib-in-other')))).toEqual({ suppressions: [], affected: [], notes: [] });
  });

  it.each(['zlib-in-os', 'nameless', 'unheard-of'])('%s: says so when it cannot tell what is meant', (id) => {
    const { suppressions, notes } = read(csaf(notAffected(id)));
    expect(suppressions).toEqual([]);
    expect(notes).toHaveLength(1);
  });

  it('takes nothing else for clear', () => {
    const status = { known_affected: ['zlib'], under_investigation: ['zlib'], known_not_affected: [], fixed: [] };
    expect(read(csaf({ product_status: status })).suppressions).toEqual([]);
    expect(read(csaf({ product_status: { fixed: ['zlib'] } })).suppressions).toMatchObject([{ reason: 'fixed' }]);
  });
});

describe('CycloneDX', () => {
  const bom = (state: string, ...refs: readonly string[]) => ({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { authors: [{ name: 'Acme Security' }], component: { 'bom-ref': 'root', purl: 'pkg:oci/app' } },
    components: [{ 'bom-ref': 'outer', components: [{ 'bom-ref': 'a b', purl: 'pkg:npm/left-bad@1.0.0' }] }],
    vulnerabilities: [
      {
        id: 'CVE-2026-2',
        analysis: { state, justification: 'code_not_reachable', detail: 'we never call it_at_all' },
        affects: refs.map((ref) => ({ ref })),
      },
    ],
  });

  it.each(['a b', 'pkg:npm/left-bad@1.0.0', 'urn:cdx:1/1#a%20b'])('clears what %s refers to', (ref) => {
    expect(read(bom('not_affected', ref)).suppressions).toEqual([
      {
        id: 'CVE-2026-2',
        reason: 'not affected: code not reachable: we never call it_at_all',
        origin: 'Acme Security, x.json',
        package: 'pkg:npm/left-bad',
        version: '1.0.0',
        stated: '',
      },
    ]);
  });

  it.each(['false_positive', 'resolved', 'resolved_with_pedigree'])('%s is clear', (state) => {
    expect(read(bom(state, 'root')).suppressions).toHaveLength(1);
  });

  it.each(['exploitable', 'in_triage', ''])('"%s" is not', (state) => {
    expect(read(bom(state, 'root')).suppressions).toEqual([]);
  });

  it('says so when a reference leads nowhere', () => {
    const { suppressions, notes } = read(bom('resolved', 'nowhere', 'a b'));
    expect(suppressions).toHaveLength(1);
    expect(notes).toHaveLength(1);
  });
});

describe('what is no VEX', () => {
  it.each([
    ['an empty object', '{}'],
    ['a list', '[]'],
    ['text', 'not JSON'],
    ['CSAF without a publisher', '{"document":{}}'],
    ['CycloneDX of another name', '{"bomFormat":"SPDX"}'],
  ])('%s is refused', (_name, text) => {
    expect(() => readVex(text, 'x.json', image)).toThrow(expect.objectContaining({ code: 'policy-invalid' }));
  });
});
