import { expect, test } from 'vitest';
import { foldPackageUrl } from './package-url-case.ts';

test.each([
  ['pkg:golang/github.com/Masterminds/goutils', 'pkg:golang/github.com/masterminds/goutils'],
  ['pkg:npm/JSONStream', 'pkg:npm/jsonstream'],
  ['pkg:github/Acme/App', 'pkg:github/acme/app'],
  ['pkg:maven/org.Example/Log', 'pkg:maven/org.Example/Log'],
  ['JSONStream', 'JSONStream'],
])('%s is compared as %s', (purl, folded) => {
  expect(foldPackageUrl(purl)).toBe(folded);
});
