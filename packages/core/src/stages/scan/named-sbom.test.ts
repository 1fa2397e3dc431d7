import { expect, test } from 'vitest';
import { namedCycloneDx, namedSpdx } from './named-sbom.ts';

const named = { name: 'ghcr.io/acme/app', digest: 'sha256:1' };

test('an SPDX document names the image wherever trivy wrote its path', () => {
  const spdx = {
    name: 'layout@sha256:1',
    documentNamespace: 'http://x/layout@sha256:1-u',
    packages: [{ name: 'layout' }],
  };
  expect(namedSpdx(spdx, named)).toEqual({
    name: 'ghcr.io/acme/app@sha256:1',
    documentNamespace: 'http://x/ghcr.io/acme/app@sha256:1-u',
    packages: [{ name: 'layout' }],
  });
});

test('a CycloneDX document has name and digest apart', () => {
  const { metadata } = namedCycloneDx({ metadata: { timestamp: 't', component: { type: 'container' } } }, named) as {
    metadata: unknown;
  };
  expect(metadata).toEqual({
    timestamp: 't',
    component: { type: 'container', name: 'ghcr.io/acme/app', version: 'sha256:1' },
  });
});
