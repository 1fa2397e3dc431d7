import { expect, it } from 'vitest';
import type { Annotation } from '../../tools/buildx.ts';
import { type AnnotatedBuild, fittingAnnotations } from './fitting-annotations.ts';

const generated: readonly Annotation[] = [
  { level: 'index', key: 'title', value: 'app' },
  { level: 'manifest', key: 'title', value: 'app' },
];
const bare: AnnotatedBuild = {
  annotations: generated,
  known: { title: 'app' },
  platforms: ['linux/amd64'],
  options: { provenance: 'off', sbom: false },
};

it('leaves what nobody asked for out where there is no index', () => {
  expect(fittingAnnotations(bare)).toEqual(generated.slice(1));
});

it('keeps what somebody asked for, which cannot be written', () => {
  const asked = { level: 'index', key: 'title', value: 'App' } as const;
  expect(fittingAnnotations({ ...bare, annotations: [asked] })).toEqual([asked]);
});

it('leaves those of platforms to the jobs that build them', () => {
  const platforms = ['linux/arm/v7', 'linux/arm64'];
  const annotations = ['linux/amd64', 'linux/arm', 'linux/arm64/v8'].map(
    (platform): Annotation => ({ level: 'manifest', platform, key: 'k', value: 'v' }),
  );
  expect(fittingAnnotations({ ...bare, platforms, annotations })).toEqual(annotations.slice(1));
});

it.each<Partial<AnnotatedBuild>>([
  { platforms: ['linux/amd64', 'linux/arm64'] },
  { options: { provenance: 'off' } },
  { options: { sbom: false } },
])('keeps all with %o', (more) => {
  expect(fittingAnnotations({ ...bare, ...more })).toEqual(generated);
});
