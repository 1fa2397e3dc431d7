import { describe, expect, it } from 'vitest';
import { type Digest, digestOf } from '../../oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../oci/media-types.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import type { ImageShape } from './image.ts';
import type { JudgedBundle } from './judge.ts';
import { lostEntries } from './lost.ts';

const { signature, spdx, verdict } = PREDICATE_TYPES;
const digest = (text: string) => digestOf(Buffer.from(text));
const [index, amd64, arm64] = [digest('index'), digest('amd64'), digest('arm64')];
const part = (name: string, of: Digest) => ({ name, descriptor: { mediaType: OCI_MANIFEST, digest: of, size: 1 } });
const image: ImageShape = {
  root: { mediaType: OCI_INDEX, digest: index, size: 1 },
  platforms: [part('linux/amd64', amd64), part('linux/arm64', arm64)],
  attestations: [],
};

const hung = (on: Digest, predicateType: string, subjects: readonly Digest[]): JudgedBundle => ({
  found: { subject: on, referrer: on, annotations: {}, content: { problem: '' } },
  predicateType,
  accepted: true,
  verified: {
    statement: { predicateType, subjects, predicate: {} },
  } as unknown as VerifiedBundle,
});

const everywhere = (predicateType: string, subjects: readonly Digest[]) =>
  subjects.map((on) => hung(on, predicateType, subjects));

const all = [
  ...everywhere(signature, [index]),
  ...everywhere(signature, [amd64]),
  ...everywhere(signature, [arm64]),
  ...everywhere(spdx, [index, amd64]),
  ...everywhere(spdx, [index, arm64]),
  ...everywhere(verdict, [index, amd64, arm64]),
];
const lost = (judged: readonly JudgedBundle[]) =>
  lostEntries(image, judged).map(({ predicateType, subject }) => [predicateType, subject]);
const on = ({ found }: JudgedBundle) => found.subject;

describe('an image that lost entries', () => {
  it('is not one where everything hangs on what it names', () => {
    expect(lost(all)).toEqual([]);
  });

  it('is known by its platforms when the whole list of the index is gone', () => {
    expect(lost(all.filter((each) => on(each) !== index))).toEqual([
      [signature, index],
      [spdx, index],
      [verdict, index],
    ]);
  });

  it('is known when one entry of one platform is gone', () => {
    const rest = all.filter((each) => on(each) !== amd64 || each.predicateType !== verdict);
    expect(lost(rest)).toEqual([[verdict, amd64]]);
    expect(lostEntries(image, rest)[0]?.listedOn).toBe(index);
  });

  it('is not one whose platforms were never signed', () => {
    expect(lost(all.filter((each) => on(each) === index))).toEqual([]);
  });

  it('is not one that was signed again', () => {
    const again = hung(index, verdict, [index, amd64, arm64]);
    expect(lost([...all, again])).toEqual([]);
  });

  it('is not known by evidence that is not accepted', () => {
    const strange = all
      .filter((each) => on(each) !== index)
      .map(({ found, predicateType = '' }): JudgedBundle => {
        return { found, predicateType, accepted: false, refusal: 'identity', reason: 'a stranger' };
      });
    expect(lost(strange)).toEqual([]);
  });
});
