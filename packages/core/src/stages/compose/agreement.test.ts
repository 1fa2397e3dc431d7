import { expect, it } from 'vitest';
import { parseRepositoryName } from '../../oci/reference.ts';
import type { ComposeService } from '../../tools/compose.ts';
import { servicesOf } from './agreement.ts';

const source = { context: '/w', dockerfile: '/w/Dockerfile', target: undefined, lastStage: 'final' };
const wanted = { image: parseRepositoryName('ghcr.io/acme/app'), tags: ['main', 'sha-1'], source };
const service = (image: string | undefined, build?: ComposeService['build']) => ({ name: 's', image, build });
const other = { ...service('postgres:17'), name: 'db' };

it.each([
  service('ghcr.io/acme/app:main'),
  service('ghcr.io/acme/app:main', source),
  service(undefined, source),
  service(undefined, { ...source, target: 'Final' }),
  service('anything:1', source),
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
  service('ghcr.io/acme/app:main', { ...source, dockerfile: '/w/other' }),
  service('ghcr.io/acme/app:main', { ...source, context: '/w/other' }),
  service('ghcr.io/acme/app:main', { ...source, dockerfile: undefined }),
  service('ghcr.io/acme/app:main', { ...source, target: 'debug' }),
  service('ghcr.io/acme/app:old', source),
  service('ghcr.io/acme/app', source),
  service(`ghcr.io/acme/app@sha256:${'a'.repeat(64)}`, source),
  service(undefined, { ...source, target: 'debug' }),
  service(undefined, { ...source, dockerfile: undefined }),
])('%j is not', (each) => {
  const failure = expect.objectContaining({ code: 'compose-mismatch', hint: expect.stringContaining('TAG') as string });
  expect(() => servicesOf({ services: [other, each], unset: ['TAG'], withheld: ['TOKEN'] }, wanted)).toThrow(
    failure as Error,
  );
});

it('a stage that has no name is the last one of what names none', () => {
  const unnamed = { ...wanted, source: { ...source, lastStage: undefined } };
  const of = (target: string | undefined, ours: string | undefined) => () =>
    servicesOf(
      { services: [service(undefined, { ...source, target })], unset: [], withheld: [] },
      { ...unnamed, source: { ...unnamed.source, target: ours } },
    );
  expect(of(undefined, undefined)()).toEqual(['s']);
  expect(of('debug', 'debug')()).toEqual(['s']);
  expect(of('debug', undefined)).toThrow(expect.objectContaining({ code: 'compose-mismatch' }) as Error);
});

it.each([
  service('ghcr.io/acme/app:hunter2'),
  service('ghcr.io/acme/app:hunter2', source),
  service('ghcr.io/acme/app:hunter2!'),
  service(`ghcr.io/acme/app:hunter2@sha256:${'a'.repeat(64)}`),
  service('ghcr.io/acme/app:main', { ...source, dockerfile: '/w/hunter2' }),
  service('ghcr.io/acme/app:main', { ...source, target: 'hunter2' }),
])('what may come from a variable is not repeated: %j', (each) => {
  expect(() => servicesOf({ services: [each], unset: [], withheld: [] }, wanted)).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('hunter2') as string }) as Error,
  );
});

it('what is built elsewhere cannot be told', () => {
  const file = { services: [service('ghcr.io/acme/app:main', source)], unset: [], withheld: [] };
  expect(() => servicesOf(file, { ...wanted, source: undefined })).toThrow('cannot be told');
});
