import { expect, it } from 'vitest';
import { parseRepositoryName } from '../../oci/reference.ts';
import type { ComposeService } from '../../tools/compose.ts';
import { servicesOf } from './agreement.ts';

const source = { context: '/w', dockerfile: '/w/Dockerfile' };
const wanted = { image: parseRepositoryName('ghcr.io/acme/app'), tags: ['main', 'sha-1'], source };
const service = (image: string | undefined, build?: ComposeService['build']) => ({ name: 's', image, build });
const other = { ...service('postgres:17'), name: 'db' };

it.each([
  service('ghcr.io/acme/app:main'),
  service(undefined, source),
  service('anything:1', source),
  service('ghcr.io/acme/app:old', source),
])('%j is the image', (each) => {
  expect(servicesOf({ services: [other, each], unset: [], withheld: [] }, wanted)).toEqual(['s']);
});

it.each([
  service('ghcr.io/acme/app'),
  service('ghcr.io/acme/app:latest'),
  service(`ghcr.io/acme/app:main@sha256:${'a'.repeat(64)}`),
  service('ghcr.io/acme/app:'),
  service('ghcr.io/acme/app2:main'),
  service('/acme/app:main'),
  service(''),
  service('ghcr.io/acme/app:main', { context: '/w', dockerfile: '/w/other' }),
])('%j is not', (each) => {
  const failure = expect.objectContaining({ code: 'compose-mismatch', hint: expect.stringContaining('TAG') as string });
  expect(() => servicesOf({ services: [other, each], unset: ['TAG'], withheld: ['TOKEN'] }, wanted)).toThrow(
    failure as Error,
  );
});

it('what is built elsewhere cannot be told', () => {
  const file = { services: [service('ghcr.io/acme/app:main', source)], unset: [], withheld: [] };
  expect(() => servicesOf(file, { ...wanted, source: undefined })).toThrow('cannot be told');
});
