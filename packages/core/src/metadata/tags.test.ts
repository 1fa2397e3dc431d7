import { describe, expect, it } from 'vitest';
import { compileTagPattern } from '../policy/tag-pattern.ts';
import { describeRef } from '../github/context.ts';
import type { TagSource } from './expressions.ts';
import { imageTags } from './tags.ts';

const SHA = 'e'.repeat(40);
const COMMIT = `sha-${SHA}`;
const none = { immutable: [], moving: [] };

function source(ref: string, change: Partial<TagSource> = {}): TagSource {
  return {
    ...describeRef(ref),
    sha: SHA,
    eventName: 'push',
    event: {},
    defaultBranch: 'main',
    pullRequestNumber: undefined,
    commitDate: new Date('2026-11-20T10:00:00Z'),
    now: new Date('2026-11-21T23:30:00Z'),
    ...change,
  };
}

const tagged = (tag: string) => source(`refs/tags/${tag}`);
const branch = (name: string, change: Partial<TagSource> = {}) => source(`refs/heads/${name}`, change);
const expectCode = (body: () => unknown, expected = 'input-invalid') =>
  expect(body).toThrowError(expect.objectContaining({ code: expected }));
const classes = (from: TagSource, tags: readonly string[] = [], channel?: string) =>
  imageTags(from, { tags, channel }, none).tags.map(({ name, class: kind }) => `${name} ${kind}`);

describe('a commit that is built once more', () => {
  it('gets a name of its own, and moves only what moves', () => {
    const rebuilt = imageTags(source('refs/tags/v1.2.3', { rebuild: '100-2' }), { tags: [] }, none);
    expect(rebuilt.commit).toBe(`${COMMIT}-100-2`);
    expect(rebuilt.tags.map(({ name, class: kind }) => `${name} ${kind}`)).toEqual([
      `${COMMIT}-100-2 immutable`,
      '1.2 moving',
      '1 moving',
      'latest moving',
      'prod moving',
    ]);
    expect(rebuilt.unpushed).toEqual(['v1.2.3', '1.2.3']);
  });

  it('never gets the name of the first image of the commit', () => {
    const rebuilt = imageTags(branch('main', { rebuild: '100-2' }), { tags: ['type=sha,format=long'] }, none);
    expect(rebuilt.tags.map(({ name }) => name)).toEqual([`${COMMIT}-100-2`]);
  });
});

describe('a day in a tag of a schedule', () => {
  it.each([
    ["type=schedule,pattern={{date 'YYYY.MM.DD'}}", '2026.11.21 immutable'],
    ["type=raw,value={{date 'YYYY.M.D'}}-nightly", '2026.11.21-nightly immutable'],
    ["type=schedule,pattern=n{{date 'YYYYMMDD'}}", 'n20261121 moving'],
  ])('is written: %s', (line, expected) => {
    const nightly = branch('main', { eventName: 'schedule', rebuild: '100-1' });
    expect(classes(nightly, [line])).toEqual([`${COMMIT}-100-1 immutable`, expected]);
  });

  it('is held where the commit had it before', () => {
    const nightly = branch('main', { eventName: 'schedule', rebuild: '100-1' });
    const lines = ["type=raw,value={{commit_date 'YYYY.MM.DD'}}", 'type=semver,pattern={{version}},value=v1.2.3'];
    const { tags, unpushed } = imageTags(nightly, { tags: lines }, none);
    expect(tags.map(({ name }) => name)).toEqual([`${COMMIT}-100-1`, 'latest']);
    expect(unpushed).toEqual(['1.2.3', '2026.11.20']);
  });
});

describe('imageTags without a tags input', () => {
  it.each([
    ['v1.2.3', ['v1.2.3 immutable', '1.2.3 immutable', '1.2 moving', '1 moving', 'latest moving', 'prod moving']],
    ['1.2.3', ['1.2.3 immutable', '1.2 moving', '1 moving', 'latest moving', 'prod moving']],
    ['v0.4.1', ['v0.4.1 immutable', '0.4.1 immutable', '0.4 moving', 'latest moving', 'prod moving']],
    ['v2.0.0-rc.1', ['v2.0.0-rc.1 immutable', '2.0.0-rc.1 immutable']],
    [
      'v1.2.3+build.5',
      ['v1.2.3 immutable', '1.2.3 immutable', '1.2 moving', '1 moving', 'latest moving', 'prod moving'],
    ],
    ['v2.0.0-rc.1+5', ['v2.0.0-rc.1 immutable', '2.0.0-rc.1 immutable']],
    ['release/summer', ['release-summer moving']],
    ['v1.2', ['v1.2 moving']],
    ['v1.2.3.4', ['v1.2.3.4 immutable']],
    ['1.2.3rc2', ['1.2.3rc2 immutable']],
    ['app/v1.2.3', ['app-v1.2.3 immutable']],
    ['app@1.2.3-rc.1', ['app-1.2.3-rc.1 immutable']],
    ['app/v1.2', ['app-v1.2 moving']],
    ['v1.2.x', ['v1.2.x moving']],
  ])('of the git tag %s', (tag, expected) => {
    expect(classes(tagged(tag))).toEqual([`${COMMIT} immutable`, ...expected]);
  });

  it.each([
    ['the default branch', branch('main'), ['main moving', 'dev moving']],
    ['another branch', branch('feature/a_b'), ['feature-a_b moving']],
    ['a schedule', branch('main', { eventName: 'schedule' }), ['main moving', 'nightly moving']],
    ['a schedule for another branch', branch('1.x', { eventName: 'schedule', refGiven: true }), ['1.x moving']],
    ['a dispatch', branch('main', { eventName: 'workflow_dispatch' }), ['main moving', 'dev moving']],
    ['a merge queue', branch('gh-readonly-queue/main/pr-7-abc', { eventName: 'merge_group' }), []],
  ])('of %s', (_name, from, expected) => {
    expect(classes(from)).toEqual([`${COMMIT} immutable`, ...expected]);
  });

  it.each<readonly [string, string, readonly string[]]>([
    ['v1.2.3', 'type=semver,pattern={{version}},prefix=app-', ['app-1.2.3 immutable', 'latest moving']],
    ['v1.2.3', 'type=semver,pattern=app-{{major}}.{{minor}}.{{patch}}', ['app-1.2.3 immutable', 'latest moving']],
    ['v1.2.3', 'type=semver,pattern={{major}}.{{minor}},prefix=app-', ['app-1.2 moving', 'latest moving']],
    ['v2.0.0-rc.1', 'type=semver,pattern={{major}},prefix=app-', ['app-2.0.0-rc.1 immutable']],
    ['1.2.3rc2', 'type=pep440,pattern={{version}}', ['1.2.3rc2 immutable']],
    ['1.2.3.post1', 'type=pep440,pattern={{major}}', ['1.2.3.post1 immutable']],
    ['2.0', 'type=pep440,pattern={{version}}', ['2.0 immutable', 'latest moving']],
    [
      '2.0',
      'type=pep440,pattern={{version}}\ntype=pep440,pattern={{major}}.{{minor}}',
      ['2.0 moving', 'latest moving'],
    ],
    ['app/v1.2.3', 'type=ref,event=tag', ['app-v1.2.3 immutable', 'latest moving']],
    ['app/v1.2.3', 'type=match,pattern=v(.*),group=1,prefix=app-', ['app-1.2.3 immutable', 'latest moving']],
    ['app/v1.2.3', 'type=match,pattern=v\\d,prefix=app-', ['app-v1 moving', 'latest moving']],
  ])('keeps what names one release: %s with %s', (tag, lines, expected) => {
    expect(classes(tagged(tag), lines.split('\n'))).toEqual([`${COMMIT} immutable`, ...expected]);
  });

  it('lets the policy move what names one release', () => {
    const moving = { immutable: [], moving: [compileTagPattern('app-*')] };
    const { tags } = imageTags(tagged('app/v1.2.3'), { tags: [] }, moving);
    expect(tags.map(({ name, class: kind }) => `${name} ${kind}`)).toContain('app-v1.2.3 moving');
  });

  it('leaves latest, the shorter versions and the channel to the highest version', () => {
    const rules = imageTags(tagged('v1.2.3'), { tags: [] }, none).tags.map(({ name, highest }) => [
      name,
      highest?.line,
    ]);
    expect(rules.slice(3)).toEqual([
      ['1.2', '1.2'],
      ['1', '1'],
      ['latest', ''],
      ['prod', ''],
    ]);
    expect(rules.slice(0, 3).map(([, line]) => line)).toEqual([undefined, undefined, undefined]);
  });

  it('switches the channel off, or to another', () => {
    expect(classes(branch('main'), [], 'none')).toEqual([`${COMMIT} immutable`, 'main moving']);
    expect(classes(branch('main'), [], 'edge')).toContain('edge moving');
    expect(classes(branch('main'), ['stable'])).toEqual([`${COMMIT} immutable`, 'stable moving']);
    expect(classes(branch('main'), ['stable'], 'edge')).toContain('edge moving');
  });

  it('moves a channel that was named as it would its own', () => {
    const channel = (tag: string) => {
      const { tags, warnings } = imageTags(tagged(tag), { tags: [], channel: 'stable' }, none);
      const found = tags.find(({ name }) => name === 'stable');
      return found === undefined ? warnings.length : found.highest?.version;
    };
    expect(channel('v1.2.3')).toBe('1.2.3');
    expect(channel('v1.2.3+5')).toBe('1.2.3');
    expect(channel('24.04')).toBe('24.4.0');
    expect(channel('1.2.3.post1')).toBe('1.2.3');
    expect(channel('summer')).toBeUndefined();
    for (const early of ['v2.0.0-rc.1', '2.0rc1', '2.0.0.dev3']) expect(channel(early)).toBe(1);
  });

  it('names the image by the first tag', () => {
    expect(imageTags(tagged('v1.2.3'), { tags: [] }, none).version).toBe('v1.2.3');
    expect(imageTags(branch('a/b'), { tags: [] }, none).version).toBe('a-b');
    expect(imageTags(branch('x', { eventName: 'merge_group' }), { tags: [] }, none).version).toBe(COMMIT);
  });
});

describe('imageTags of a pull request', () => {
  it.each([
    source('refs/pull/7/merge', { eventName: 'pull_request', pullRequestNumber: 7 }),
    source('refs/pull/7/merge', { eventName: 'pull_request' }),
    branch('main', { eventName: 'pull_request_target', pullRequestNumber: 7 }),
  ])('moves none, not even a given one', (from) => {
    expect(imageTags(from, { tags: ['latest'] }, none)).toMatchObject({
      commit: COMMIT,
      version: 'pr-7',
      tags: [{ name: COMMIT, class: 'immutable' }],
      unpushed: ['pr-7', 'latest'],
    });
  });
});

describe('imageTags refuses', () => {
  it.each([
    ['a list on one line', ['a,b']],
    ['a leading dot', ['.hidden']],
    ['a leading dash', ['-x']],
    ['129 characters', ['x'.repeat(129)]],
    ['a collision', ['a/b', 'a-b']],
    ['a collision of two entries', ['type=raw,value=a/b', 'type=raw,prefix=a-,value=b']],
    ['a version that the entries do not understand', ['type=semver,pattern={{version}}']],
  ])('%s', (_name, given) => {
    expectCode(() => imageTags(tagged('summer'), { tags: given }, none));
  });

  it('a flavor without entries', () => {
    expectCode(() => imageTags(branch('main'), { tags: [], flavor: ['latest=true'] }, none), 'input-conflict');
  });

  it('a version that an entry does not understand, however the entries are written', () => {
    const line = 'type = semver, pattern={{version}}';
    expectCode(() => imageTags(tagged('summer'), { tags: [line, 'type=raw,value=type=ref'] }, none));
    const kept = imageTags(tagged('summer'), { tags: [line, ' type = ref , event = tag '] }, none);
    expect(kept.tags.map(({ name }) => name)).toContain('summer');
  });

  it.each([
    [],
    ['type=ref,event=branch'],
    ['type=ref,Event=branch'],
    ['type = ref, event = branch'],
    ['type=raw,value={{branch}}'],
    ['v1.2.3', 'type=raw,value={{ branch }}'],
    ['type=raw,value=x,prefix={{branch}}-'],
    ['type=sha,prefix={{branch}}-'],
  ])('a branch that looks like a release: %j', (...lines) => {
    expectCode(() => imageTags(branch('v1.2.3'), { tags: lines }, none));
  });

  it('no branch in which a version is looked for, and no git tag', () => {
    const looked = imageTags(branch('v1.2.3'), { tags: ['type=semver,pattern={{version}},value={{branch}}'] }, none);
    expect(looked.version).toBe('1.2.3');
    expect(imageTags(tagged('v1.2.3'), { tags: ['type=raw,value={{branch}}{{tag}}'] }, none).version).toBe('v1.2.3');
  });

  it.each<readonly [string, string | undefined]>([
    ['latest', undefined],
    ['latest', 'none'],
    ['1', undefined],
    ['1.2', undefined],
    ['v1.2', 'none'],
    ['dev', undefined],
    ['prod', undefined],
    ['nightly', undefined],
  ])('the branch %s, which would take the name of releases or of a channel, with channel %s', (name, channel) => {
    expectCode(() => imageTags(branch(name), { tags: [], channel }, none));
    expect(imageTags(branch(name), { tags: ['type=ref,event=branch'] }, none).version).toBe(name);
  });

  it.each<readonly [string, string | undefined]>([
    ['dev', 'none'],
    ['prod', 'edge'],
    ['1.x', undefined],
    ['develop', undefined],
  ])('not the branch %s with channel %s', (name, channel) => {
    expect(imageTags(branch(name), { tags: [], channel }, none).version).toBe(name);
  });

  it('no default branch that has the name of its own channel', () => {
    expect(imageTags(branch('dev', { defaultBranch: 'dev' }), { tags: [] }, none).version).toBe('dev');
    expectCode(() => imageTags(branch('prod', { defaultBranch: 'prod' }), { tags: [] }, none));
  });

  it.each(['v9.9.9', '1.2.3-rc.1', `sha-${'a'.repeat(40)}`])('the channel %s, which never moves', (channel) => {
    expectCode(() => imageTags(branch('main'), { tags: [], channel }, none));
    expectCode(() => imageTags(tagged('v1.2.3'), { tags: ['latest'], channel }, none));
  });

  it('the name of another commit', () => {
    const other = `sha-${'a'.repeat(40)}`;
    expectCode(() => imageTags(tagged(other), { tags: [] }, none));
    expectCode(() => imageTags(branch('main'), { tags: [`type=raw,value=${other}`] }, none));
    expectCode(() => imageTags(branch('main'), { tags: [`${COMMIT}-1-1`] }, none));
    expect(imageTags(tagged(COMMIT), { tags: [] }, none).version).toBe(COMMIT);
    const pull = source('refs/pull/7/merge', { eventName: 'pull_request', pullRequestNumber: 7 });
    expect(imageTags(pull, { tags: [other] }, none).unpushed).toContain(other);
  });

  it('a branch that looks like a release, unless the policy lets that tag move', () => {
    expectCode(() => imageTags(branch('v1.2.3'), { tags: [] }, none));
    const moving = { immutable: [], moving: [compileTagPattern('v1.2.3')] };
    expect(imageTags(branch('v1.2.3'), { tags: [] }, moving).version).toBe('v1.2.3');
  });

  it('anything but a full commit', () => {
    expectCode(() => imageTags(branch('main', { sha: 'abc1234' }), { tags: [] }, none), 'event-invalid');
  });
});
