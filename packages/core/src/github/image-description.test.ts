import { expect, it } from 'vitest';
import { readContext } from './context.ts';
import { describeImage } from './image-description.ts';

const SHA = 'c'.repeat(40);
const github = readContext({
  GITHUB_REPOSITORY: 'acme/app',
  GITHUB_SHA: SHA,
  GITHUB_REF: 'refs/heads/main',
  GITHUB_EVENT_NAME: 'push',
});
const GIVEN = { tags: [], flavor: [], channel: undefined, ref: undefined, sha: undefined } as const;

const ports = {
  github,
  rules: { immutable: [], moving: [] },
  now: new Date(0),
  commitTime: async () => undefined,
};

it('tells what is known apart from what is given', async () => {
  const labels = { 'org.opencontainers.image.title': 'Mine', own: '1' };
  const given = { ...GIVEN, labels, annotations: [], created: 'commit', forceRebuild: 'auto' } as const;
  const described = await describeImage(given, ports);
  expect(described.labels).toMatchObject(labels);
  expect(described.known).toMatchObject({ 'org.opencontainers.image.title': 'app' });
  expect(described.known).not.toHaveProperty('own');
});

it('keeps labels and annotations on one line, as the outputs have them', async () => {
  const text = 'two\r\n  lines=x';
  const given = { ...GIVEN, labels: { about: text }, annotations: [`index:about=${text}`] };
  const described = await describeImage({ ...given, created: 'commit', forceRebuild: 'auto' }, ports);
  expect(described.labels['about']).toBe('two lines=x');
  expect(described.annotations).toContainEqual({ level: 'index', key: 'about', value: 'two lines=x' });
});
