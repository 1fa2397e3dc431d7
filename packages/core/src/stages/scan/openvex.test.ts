import { describe, expect, it } from 'vitest';
import { readVex } from './vex.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const image = { name: 'ghcr.io/acme/app', digest, platforms: [{ platform: 'linux/amd64', digest }] };

function document(...statements: readonly object[]): string {
  const context = 'https://openvex.dev/ns/v0.2.0';
  return JSON.stringify({ '@context': context, author: 'Acme', timestamp: '2026-11-01T00:00:00Z', statements });
}

const read = (...statements: readonly object[]) => readVex(document(...statements), 'app.vex.json', image).suppressions;
const says = (id: string, status = 'not_affected', change: object = {}) => ({
  vulnerability: { name: 'CVE-2026-1' },
  products: [{ '@id': id }],
  status,
  ...change,
});

describe('readVex', () => {
  it('suppresses a package, and says who said so and why', () => {
    const justification = 'vulnerable_code_not_in_execute_path';
    expect(read(says('pkg:deb/debian/zlib1g@1:1.2.13?arch=amd64', 'not_affected', { justification }))).toEqual([
      {
        id: 'CVE-2026-1',
        reason: 'not affected: vulnerable code not in execute path',
        origin: 'Acme, app.vex.json',
        package: 'pkg:deb/debian/zlib1g',
        version: '1:1.2.13',
        platforms: ['linux/amd64'],
        stated: '2026-11-01T00:00:00Z',
      },
    ]);
  });

  it.each([
    ['pkg:oci/app', 1],
    [`pkg:oci/app@${encodeURIComponent(digest)}`, 1],
    ['pkg:oci/app?repository_url=ghcr.io/acme/app', 1],
    ['pkg:oci/app?repository_url=ghcr.io/evil/app', 0],
    [`pkg:oci/app@sha256:${'b'.repeat(64)}`, 0],
    ['pkg:oci/other', 0],
    ['https://example.com/not-a-package', 0],
  ])('%s is %i time this image', (id, count) => {
    expect(read(says(id))).toHaveLength(count);
  });

  it('keeps to the packages in the image that are meant', () => {
    const products = [{ '@id': 'pkg:oci/app', subcomponents: [{ '@id': 'pkg:npm/left-bad' }] }];
    expect(read({ ...says(''), products })).toMatchObject([{ package: 'pkg:npm/left-bad' }]);
  });

  it('keeps what is affected apart, with its time', () => {
    const later = says('pkg:npm/a', 'affected', { timestamp: '2026-11-02T00:00:00Z' });
    const { suppressions, affected } = readVex(document(later, says('pkg:npm/a')), 'f', image);
    expect(suppressions).toHaveLength(1);
    expect(affected).toMatchObject([{ package: 'pkg:npm/a', stated: '2026-11-02T00:00:00Z' }]);
  });

  it('suppresses nothing without a product, and says so', () => {
    const { suppressions, notes } = readVex(document({ ...says(''), products: [] }), 'f', image);
    expect([suppressions, notes.length]).toEqual([[], 1]);
  });

  it.each([
    [[{ '@id': 'https://example.com/app' }]],
    [[{ '@id': 'pkg:oci/app', subcomponents: [{ '@id': 'zlib' }] }]],
    [[{ '@id': 'pkg:npm/app', subcomponents: [{ '@id': 'pkg:npm/a' }] }]],
    [[{ '@id': 'pkg:npm/a?vcs_url=x' }]],
  ])('suppresses nothing by %j, and says so', (products) => {
    const { suppressions, notes } = readVex(document({ ...says(''), products }), 'f', image);
    expect([suppressions, notes.length]).toEqual([[], 1]);
  });

  it.each(['{', '{}', document({ ...says('pkg:npm/a'), status: 'harmless' })])('refuses %s', (text) => {
    expect(() => readVex(text, 'f', image)).toThrow(expect.objectContaining({ code: 'policy-invalid' }));
  });
});
