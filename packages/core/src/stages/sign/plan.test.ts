import { describe, expect, it } from 'vitest';
import { type Digest, digestOf } from '../../oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../oci/media-types.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import { statementKey } from '../../sigstore/statement.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import type { Verdict } from '../scan/verdict.ts';
import type { ImageShape } from '../verify/image.ts';
import { planAttestations } from './plan.ts';
import type { Scope } from './scope.ts';
import { attachmentsOf, statusOf, stepsOf } from './steps.ts';

const index = digestOf(Buffer.from('index'));
const amd64 = digestOf(Buffer.from('amd64'));
const arm64 = digestOf(Buffer.from('arm64'));
const beside = digestOf(Buffer.from('attestations'));
const part = (name: string, digest: Digest) => ({ name, descriptor: { mediaType: OCI_MANIFEST, digest, size: 1 } });
const image: ImageShape = {
  root: { mediaType: OCI_INDEX, digest: index, size: 1 },
  platforms: [part('linux/amd64', amd64), part('linux/arm64', arm64)],
  attestations: [],
};

const sbom = (platform: Digest) => ({
  platform,
  statement: { subjects: [], predicateType: PREDICATE_TYPES.spdx, predicate: { of: platform } },
});
const scanned = {
  verdict: { version: 1 } as unknown as Verdict,
  predicates: [{ platform: amd64, predicateType: PREDICATE_TYPES.vuln, predicate: { scanner: {} } }],
};
const extra = [{ predicateType: 'https://example.com/review/v1', predicate: { by: 'two people' } }];

const planned = planAttestations({ image, built: [sbom(amd64), sbom(arm64)], scanned, extra });
const rows = planned.map(({ name, about, statement }) => [name, about, statement.subjects]);

describe('the plan', () => {
  it('signs the index and every platform by itself', () => {
    expect(rows.slice(0, 3)).toEqual([
      ['signature', 'index', [index]],
      ['signature', 'linux/amd64', [amd64]],
      ['signature', 'linux/arm64', [arm64]],
    ]);
  });

  it('lets what is about a platform name the index too, and what is about the image name all', () => {
    expect(rows.slice(3)).toEqual([
      ['spdx', 'linux/amd64', [index, amd64]],
      ['spdx', 'linux/arm64', [index, arm64]],
      ['vuln', 'linux/amd64', [index, amd64]],
      ['verdict', 'index', [index, amd64, arm64]],
      ['https://example.com/review/v1', 'index', [index, amd64, arm64]],
    ]);
  });

  it('attaches a bundle to exactly those that it names', () => {
    for (const { statement, targets } of planned) {
      expect(targets.map(({ digest }) => digest)).toEqual(statement.subjects);
    }
  });

  it('has one of each for an image of a single manifest', () => {
    const single: ImageShape = {
      root: part('', amd64).descriptor,
      platforms: [part('image', amd64)],
      attestations: [],
    };
    const alone = planAttestations({ image: single, built: [sbom(amd64)], scanned, extra: [] });
    expect(alone.map(({ name, statement }) => [name, statement.subjects])).toEqual([
      ['signature', [amd64]],
      ['spdx', [amd64]],
      ['vuln', [amd64]],
      ['verdict', [amd64]],
    ]);
  });
});

describe('the scope', () => {
  const withAttestations: ImageShape = {
    ...image,
    attestations: [{ target: arm64, descriptor: { mediaType: OCI_MANIFEST, digest: beside, size: 1 } }],
  };
  const of = (scope: Scope) =>
    planAttestations({ image: withAttestations, built: [sbom(arm64)], scanned, extra: [], scope });
  const signed = (scope: Scope) => of(scope).flatMap(({ name, about }) => (name === 'signature' ? [about] : []));

  it('decides what gets a signature of its own', () => {
    expect(signed('index')).toEqual(['index']);
    expect(signed('platforms')).toEqual(['index', 'linux/amd64', 'linux/arm64']);
    expect(signed('all')).toEqual([...signed('platforms'), 'attestations of linux/arm64']);
  });

  it('lets the index alone carry the evidence, which still names the platforms', () => {
    const [, spdx] = of('index');
    expect(spdx?.statement.subjects).toEqual([index, arm64]);
    expect(new Set(of('index').flatMap(({ targets }) => targets.map(({ digest }) => digest)))).toEqual(
      new Set([index]),
    );
  });

  it('hangs evidence on images only', () => {
    const targets = of('all').filter(({ targets: [first] }) => first?.digest === beside);
    expect(targets.map(({ name }) => name)).toEqual(['signature']);
  });
});

describe('what an earlier run left', () => {
  const bundle = { bytes: Buffer.from('bundle') } as VerifiedBundle;
  const [signature, , , spdx] = planned;
  if (signature === undefined || spdx === undefined) throw new Error('the plan is too short');
  const existing = new Map([
    [statementKey(signature.statement), { verified: bundle, attachedTo: new Set([index]) }],
    [statementKey(spdx.statement), { verified: bundle, attachedTo: new Set([index]) }],
  ]);
  const steps = stepsOf(planned, existing);

  it('is kept, or attached where it is still missing, and never signed again', () => {
    expect(steps.map((step) => statusOf(step, false))).toEqual([
      'kept',
      'made',
      'made',
      'attached',
      'made',
      'made',
      'made',
      'made',
    ]);
    expect(attachmentsOf(steps, new Map())).toEqual([{ bundle, targets: [part('', amd64).descriptor] }]);
  });

  it('is the only thing a dry run calls done', () => {
    expect(steps.map((step) => statusOf(step, true)).filter((status) => status !== 'planned')).toEqual(['kept']);
  });
});
