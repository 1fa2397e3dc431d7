import { expect, it } from 'vitest';
import { offeredArguments } from './offered-arguments.ts';

it.each([
  ['FROM scratch\nARG VERSION\n', { VERSION: '1.2.3' }],
  ['from scratch\narg VCS_REF VERSION\n', { VCS_REF: 'abc', VERSION: '1.2.3' }],
  ['FROM scratch\nARG VCS_REF=none VERSION\n', { VERSION: '1.2.3' }],
  ['FROM scratch\nARG VERSION=\n', {}],
  ['ARG VERSION=3.20\nFROM alpine:${VERSION}\n', {}],
  ['ARG VERSION\nFROM alpine:${VERSION}\n', {}],
  ['ARG VERSION=3.20\nFROM alpine:${VERSION}\nARG VERSION VCS_REF\n', { VCS_REF: 'abc' }],
  ['FROM scratch AS a\nARG VERSION\nFROM scratch\nARG VERSION=dev\n', {}],
  ['FROM scratch\nARG BUILD_DATE\n# ARG VERSION\nENV VERSION=1\nARG VERSIONS\n', {}],
  ['FROM scratch\nRUN <<EOF\nARG VERSION\nEOF\nARG \\\n  VCS_REF\n', { VCS_REF: 'abc' }],
])('offers what %j declares and the labels say', (text, expected) => {
  const key = (name: string) => `org.opencontainers.image.${name}`;
  expect(offeredArguments(text, { [key('revision')]: 'abc', [key('version')]: '1.2.3' })).toEqual(expected);
});
