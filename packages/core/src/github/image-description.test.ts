import { describe, expect, it } from 'vitest';
import { readContext } from './context.ts';
import { describeImage, type MetadataInputs } from './image-description.ts';

const SHA = 'c'.repeat(40);
const NONE = { tags: [], flavor: [], channel: undefined, labels: {}, annotations: [], ref: undefined, sha: undefined };

function describeRun(change: Partial<MetadataInputs>, event = 'push') {
  const github = readContext({
    GITHUB_REPOSITORY: 'acme/app',
    GITHUB_SHA: SHA,
    GITHUB_REF: 'refs/heads/main',
    GITHUB_EVENT_NAME: event,
  });
  const given: MetadataInputs = { ...NONE, created: 'commit', forceRebuild: 'auto', ...change };
  const ports = { rules: { immutable: [], moving: [] }, now: new Date(0), commitTime: async () => undefined };
  return describeImage(given, { ...ports, github: { ...github, defaultBranch: 'main' } });
}

describe('the labels of an image', () => {
  it('tell what is known apart from what is given', async () => {
    const labels = { 'org.opencontainers.image.title': 'Mine', own: '1' };
    const described = await describeRun({ labels });
    expect(described.labels).toMatchObject(labels);
    expect(described.known).toMatchObject({ 'org.opencontainers.image.title': 'app' });
    expect(described.known).not.toHaveProperty('own');
  });

  it('stand on one line, as the outputs have them, and so do annotations', async () => {
    const text = 'two\r\n  lines=x';
    const described = await describeRun({ labels: { about: text }, annotations: [`index:about=${text}`] });
    expect(described.labels['about']).toBe('two lines=x');
    expect(described.annotations).toContainEqual({ level: 'index', key: 'about', value: 'two lines=x' });
  });
});

describe('a ref in place of the event’s', () => {
  it('decides what the default branch is', async () => {
    const labels = { default: '{{is_default_branch}}' };
    expect((await describeRun({ labels }, 'schedule')).labels['default']).toBe('true');
    const other = await describeRun({ labels, ref: 'refs/heads/release-1.x' }, 'schedule');
    expect(other.labels['default']).toBe('false');
  });
});
