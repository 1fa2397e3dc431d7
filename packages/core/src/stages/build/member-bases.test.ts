import { describe, expect, it } from 'vitest';
import type { Digest } from '../../oci/digest.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { BuildStatement } from '../sign/buildkit.ts';
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
  const provenance = (...used: readonly string[]): BuildStatement => ({
    platform: `sha256:${hex('b')}` as Digest,
    statement: {
      subjects: [],
      predicateType: PREDICATE_TYPES.slsaprovenance1,
      predicate: {
        buildDefinition: { resolvedDependencies: used.map((sha256) => ({ uri: 'x', digest: { sha256 } })) },
      },
    },
  });

  it('is content with provenance that names the base, and with none', () => {
    const statements = [provenance(hex('c'), hex('a')), provenance(hex('a'))];
    expect(() => requireBases([base], statements)).not.toThrow();
    expect(() => requireBases([base], [])).not.toThrow();
  });

  it('refuses a platform that was built on something else', () => {
    const statements = [provenance(hex('a')), provenance(hex('c'))];
    expect(() => requireBases([base], statements)).toThrow(expect.objectContaining({ code: 'base-unused' }) as Error);
  });
});
