import { describe, expect, it } from 'vitest';
import { type Digest } from '../../oci/digest.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import { mutableBases } from './base-images.ts';

const HEX = 'a'.repeat(64);
const digest: Digest = `sha256:${HEX}`;

function provenanceOf(...uris: readonly string[]) {
  const resolvedDependencies = uris.map((uri) => ({ uri, digest: { sha256: HEX } }));
  const predicate = { buildDefinition: { resolvedDependencies } };
  return [{ platform: digest, statement: { subjects: [], predicateType: PREDICATE_TYPES.slsaprovenance1, predicate } }];
}

const PLATFORM = '?platform=linux%2Famd64';

describe('a base image that is named by its tag', () => {
  it.each([
    ['FROM alpine:3.20', `pkg:docker/alpine@3.20${PLATFORM}`, { name: 'alpine:3.20', line: 1 }],
    [
      '# x\nfrom --platform=$BUILDPLATFORM alpine AS a',
      `pkg:docker/alpine@latest${PLATFORM}`,
      { name: 'alpine', line: 2 },
    ],
    [
      'FROM 127.0.0.1:5000/a/b:1',
      `pkg:docker/127.0.0.1%3A5000/a/b@1${PLATFORM}`,
      { name: '127.0.0.1:5000/a/b:1', line: 1 },
    ],
    [
      'FROM scratch\nRUN cat <<EOF\nFROM alpine:3\nEOF\nFROM \\\n  alpine:3',
      `pkg:docker/alpine@3${PLATFORM}`,
      { name: 'alpine:3', line: 5 },
    ],
    ['ARG V=3\nFROM alpine:$V', `pkg:docker/alpine@3${PLATFORM}`, { name: 'docker.io/library/alpine:3' }],
  ])('%j is told with its digest', (dockerfile, uri, expected) => {
    expect(mutableBases(provenanceOf(uri), dockerfile)).toEqual([{ digest, ...expected }]);
  });

  it('is told once, however many platforms use it', () => {
    const uri = 'pkg:docker/alpine@3?platform=linux%2F';
    expect(
      mutableBases([...provenanceOf(`${uri}amd64`), ...provenanceOf(`${uri}arm64`)], 'FROM alpine:3'),
    ).toHaveLength(1);
  });
});

it.each([
  ['pinned by digest', `pkg:docker/alpine@3.20?digest=sha256:${HEX}&platform=linux%2Famd64`],
  ['no image', 'pkg:generic/file@1'],
  ['a download', 'https://example.com/file'],
])('what is %s is not told', (_name, uri) => {
  expect(mutableBases(provenanceOf(uri), 'FROM alpine:3.20')).toEqual([]);
});
