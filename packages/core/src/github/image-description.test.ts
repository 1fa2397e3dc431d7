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

it('keeps labels and annotations on one line, as the outputs have them', async () => {
  const text = 'two\r\n  lines=x';
  const given = { ...GIVEN, labels: { about: text }, annotations: [`index:about=${text}`] };
  const described = await describeImage(
    { ...given, created: 'commit', forceRebuild: 'auto' },
    { github, rules: { immutable: [], moving: [] }, now: new Date(0), commitTime: async () => undefined },
  );
  expect(described.labels['about']).toBe('two lines=x');
  expect(described.annotations).toContainEqual({ level: 'index', key: 'about', value: 'two lines=x' });
});
