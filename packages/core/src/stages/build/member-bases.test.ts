import { describe, expect, it } from 'vitest';
import type { Digest } from '../../oci/digest.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { BuildStatement } from '../sign/buildkit.ts';
import type { BuildEvidence } from './build-evidence.ts';
import { type MemberBase, onBases, requireBases } from './member-bases.ts';

const hex = (letter: string) => letter.repeat(64);
const base: MemberBase = {
  context: 'base',
  reference: 'ghcr.io/acme/base:sha-1',
  digest: `sha256:${hex('a')}` as Digest,
  layout: '/tmp/base/layout',
};
const request: Parameters<typeof onBases>[0] = {
  bases: [base],
  platforms: ['linux/amd64'],
  buildArgs: {},
  labels: { own: '1' },
  annotations: [],
  options: { target: undefined },
};
const KEYS = {
  'org.opencontainers.image.base.name': base.reference,
  'org.opencontainers.image.base.digest': base.digest,
};

describe('onBases', () => {
  it('gives the build exactly the digest, and says so on the image, the index and every platform', () => {
    const { labels, annotations, options } = onBases(request, 'FROM base\n');
    expect(options).toMatchObject({ buildContexts: { base: `oci-layout:///tmp/base/layout@${base.digest}` } });
    expect(labels).toEqual({ own: '1', ...KEYS });
    for (const level of ['index', 'manifest'])
      expect(
        Object.fromEntries(annotations.filter((each) => each.level === level).map(({ key, value }) => [key, value])),
      ).toEqual(KEYS);
  });

  it.each(['base:latest', 'docker.io/library/base', 'index.docker.io/library/base:latest'])(
    'knows the base by %s, as BuildKit does',
    (name) => {
      expect(onBases(request, `FROM ${name}\n`).labels).toEqual({ own: '1', ...KEYS });
    },
  );

  it.each(['base:1', 'acme/base', `base@${base.digest}`, 'base_'])('does not take %s for the base', (name) => {
    expect(onBases(request, `FROM ${name}\n`).labels).toEqual({ own: '1' });
  });

  it('knows a base that it has by a longer name', () => {
    const longer = { ...request, bases: [{ ...base, context: 'docker.io/library/alpine:latest' }] };
    expect(onBases(longer, 'FROM alpine\n').labels).toEqual({ own: '1', ...KEYS });
  });

  it('says nothing of a base that is only copied from', () => {
    const { labels, options } = onBases(request, 'FROM scratch\nCOPY --from=base / /\n');
    expect(labels).toEqual({ own: '1' });
    expect(options.buildContexts).toHaveProperty('base');
  });

  it('changes nothing without bases', () => {
    expect(onBases({ ...request, bases: [] }, 'FROM base')).toEqual({ ...request, bases: [] });
  });
});

describe('requireBases', () => {
  const [amd64, arm64] = [hex('b'), hex('d')].map((each) => `sha256:${each}` as Digest) as [Digest, Digest];
  const provenance = (platform: Digest, ...used: readonly string[]): BuildStatement => ({
    platform,
    statement: {
      subjects: [],
      predicateType: PREDICATE_TYPES.slsaprovenance1,
      predicate: {
        buildDefinition: { resolvedDependencies: used.map((sha256) => ({ uri: 'x', digest: { sha256 } })) },
      },
    },
  });
  const part = (digest: Digest) => ({ name: 'linux/x', descriptor: { mediaType: 'x', digest, size: 1 } });
  const evidence = (...statements: readonly BuildStatement[]): BuildEvidence => ({
    shape: { root: part(amd64).descriptor, platforms: [amd64, arm64].map(part), attestations: [] },
    statements,
  });
  const refusal = expect.objectContaining({ code: 'base-unused' }) as Error;

  it('is content where the provenance of every platform names the base', () => {
    const all = evidence(provenance(amd64, hex('c'), hex('a')), provenance(arm64, hex('a')));
    expect(() => requireBases([base], all)).not.toThrow();
    expect(() => requireBases([], evidence())).not.toThrow();
  });

  it.each([
    ['that was built on something else', [provenance(amd64, hex('a')), provenance(arm64, hex('c'))]],
    ['of which no provenance says what it was built on', [provenance(amd64, hex('a'))]],
    ['of which only an SBOM is there', [provenance(amd64, hex('a')), sbomOf(arm64)]],
    ['where there is no provenance at all', []],
    [
      'with a second provenance that does not',
      [amd64, arm64, amd64].map((each, at) => provenance(each, hex('aac'[at] ?? ''))),
    ],
  ])('refuses a platform %s', (_what, statements) => {
    expect(() => requireBases([base], evidence(...statements))).toThrow(refusal);
  });
});

function sbomOf(platform: Digest): BuildStatement {
  return { platform, statement: { subjects: [], predicateType: PREDICATE_TYPES.spdx, predicate: {} } };
}
