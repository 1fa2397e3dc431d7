import { describe, expect, it } from 'vitest';
import { compileTagPattern } from '../policy/tag-pattern.ts';
import { imageLabels } from './labels.ts';
import { imageTags, type TagSource } from './tags.ts';

const SHA = 'e'.repeat(40);
const COMMIT = `sha-${SHA}`;
const none = { immutable: [], moving: [] };

function source(refType: TagSource['refType'], refName: string, change: Partial<TagSource> = {}): TagSource {
  return { sha: SHA, ref: refName, refName, refType, eventName: 'push', pullRequestNumber: undefined, ...change };
}

const names = (from: TagSource, given: readonly string[] = []) =>
  imageTags(from, given, none).tags.map(({ name, class: kind }) => `${name} ${kind}`);

describe('imageTags', () => {
  it.each([
    ['v1.2.3', ['v1.2.3 immutable', '1.2.3 immutable', '1.2 moving', '1 moving', 'latest moving']],
    ['1.2.3', ['1.2.3 immutable', '1.2 moving', '1 moving', 'latest moving']],
    ['v0.4.1', ['v0.4.1 immutable', '0.4.1 immutable', '0.4 moving', 'latest moving']],
    ['v2.0.0-rc.1', ['v2.0.0-rc.1 immutable', '2.0.0-rc.1 immutable']],
    ['release/summer', ['release-summer moving']],
    ['v1.2', ['v1.2 moving']],
  ])('of the git tag %s', (tag, expected) => {
    expect(names(source('tag', tag))).toEqual([`${COMMIT} immutable`, ...expected]);
  });

  it.each([
    ['main', 'main moving'],
    ['feature/a_b', 'feature-a_b moving'],
  ])('of the branch %s', (branch, expected) => {
    expect(names(source('branch', branch))).toEqual([`${COMMIT} immutable`, expected]);
    expect(imageTags(source('branch', branch), [], none).version).toBe(expected.split(' ')[0]);
  });

  it.each([
    source('pull', '7/merge', { eventName: 'pull_request', pullRequestNumber: 7 }),
    source('pull', '7/merge', { eventName: 'pull_request' }),
    source('branch', 'main', { eventName: 'pull_request_target', pullRequestNumber: 7 }),
  ])('a pull request moves no tag, not even a given one', (from) => {
    expect(imageTags(from, ['latest'], none)).toEqual({
      commit: COMMIT,
      version: 'pr-7',
      tags: [{ name: COMMIT, class: 'immutable' }],
      unpushed: ['pr-7', 'latest'],
    });
  });

  it('a merge queue names nothing but the commit', () => {
    const from = source('branch', 'gh-readonly-queue/main/pr-7-abc', { eventName: 'merge_group' });
    expect(imageTags(from, [], none)).toMatchObject({ version: COMMIT, tags: [{ name: COMMIT }] });
  });

  it('takes given tags instead of those of the event, each once', () => {
    expect(names(source('branch', 'main'), ['stable', '1.0.0', 'stable', COMMIT])).toEqual([
      `${COMMIT} immutable`,
      'stable moving',
      '1.0.0 immutable',
    ]);
  });

  it.each([
    ['metadata-action syntax', ['type=semver,pattern={{version}}']],
    ['a list on one line', ['a,b']],
    ['a leading dot', ['.hidden']],
    ['a leading dash', ['-x']],
    ['129 characters', ['x'.repeat(129)]],
    ['a collision', ['a/b', 'a-b']],
  ])('refuses %s', (_name, given) => {
    expect(() => names(source('branch', 'main'), given)).toThrowError(
      expect.objectContaining({ code: 'input-invalid' }),
    );
  });

  it('refuses a branch that looks like a release, unless the policy lets that tag move', () => {
    const from = source('branch', 'v1.2.3');
    expect(() => names(from)).toThrowError(expect.objectContaining({ code: 'input-invalid' }));
    const moving = { immutable: [], moving: [compileTagPattern('v1.2.3')] };
    expect(imageTags(from, [], moving).version).toBe('v1.2.3');
  });

  it('needs a full commit', () => {
    expect(() => names(source('branch', 'main', { sha: 'abc1234' }))).toThrowError(
      expect.objectContaining({ code: 'event-invalid' }),
    );
  });
});

describe('imageLabels', () => {
  const github = {
    repository: 'acme/app',
    name: 'app',
    serverUrl: 'https://github.com',
    sha: SHA,
    commitTimestamp: new Date('2026-11-21T08:00:00Z'),
    event: {
      repository: {
        name: 'App',
        html_url: 'https://github.com/acme/App',
        description: 'Two\nlines',
        license: { spdx_id: 'Apache-2.0' },
      },
    },
  };
  const key = (name: string) => `org.opencontainers.image.${name}`;

  it('come from the event', () => {
    expect(imageLabels({ github, version: '1.2.3' })).toEqual({
      [key('created')]: '2026-11-21T08:00:00Z',
      [key('description')]: 'Two lines',
      [key('licenses')]: 'Apache-2.0',
      [key('revision')]: SHA,
      [key('source')]: 'https://github.com/acme/App',
      [key('title')]: 'App',
      [key('url')]: 'https://github.com/acme/App',
      [key('version')]: '1.2.3',
    });
  });

  it('leave out what is not known, and let the given ones win', () => {
    const bare = {
      ...github,
      commitTimestamp: undefined,
      event: { repository: { license: { spdx_id: 'NOASSERTION' } } },
    };
    expect(imageLabels({ github: bare, version: 'main', given: { [key('title')]: 'Mine', own: 'x=y' } })).toEqual({
      own: 'x=y',
      [key('revision')]: SHA,
      [key('source')]: 'https://github.com/acme/app',
      [key('title')]: 'Mine',
      [key('url')]: 'https://github.com/acme/app',
      [key('version')]: 'main',
    });
  });
});
