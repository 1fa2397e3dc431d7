import { describe, expect, it } from 'vitest';
import type { TagSource } from '../../metadata/expressions.ts';
import { type TagWishes, wantedTags } from './wanted-tags.ts';

const COMMIT = 'a'.repeat(40);
const NO_RULES = { immutable: [], moving: [] };
const run: TagSource = {
  sha: COMMIT,
  ref: 'refs/heads/main',
  refName: 'main',
  refType: 'branch',
  eventName: 'workflow_dispatch',
  event: {},
  defaultBranch: 'main',
  pullRequestNumber: undefined,
  now: new Date('2026-11-21T00:00:00Z'),
};

const wanted = (wishes: Partial<TagWishes>) =>
  wantedTags(
    {
      names: ['v1.2.3'],
      channels: [],
      version: undefined,
      semver: false,
      sha: false,
      sourceTag: undefined,
      failIfExists: false,
      ...wishes,
    },
    NO_RULES,
    run,
  );
const classes = (wishes: Partial<TagWishes>) => Object.fromEntries(wanted(wishes).map((tag) => [tag.name, tag.class]));

describe('the tags of a promotion', () => {
  it('are those that were given', () => {
    expect(classes({ names: ['v1.2.3', 'stable'] })).toEqual({ 'v1.2.3': 'immutable', stable: 'moving' });
  });

  it('are with create-semver-tags those of a build of that version', () => {
    expect(classes({ semver: true })).toEqual({
      'v1.2.3': 'immutable',
      '1.2.3': 'immutable',
      '1.2': 'moving',
      '1': 'moving',
      latest: 'moving',
    });
    expect(wanted({ semver: true }).find(({ name }) => name === 'latest')?.highest).toMatchObject({ version: '1.2.3' });
  });

  it('are only full versions for a pre-release', () => {
    expect(Object.keys(classes({ names: ['v1.2.3-rc.1'], semver: true })).toSorted()).toEqual([
      '1.2.3-rc.1',
      'v1.2.3-rc.1',
    ]);
  });

  it('move without a look at other versions where they were written out', () => {
    expect(
      wanted({ names: ['v1.2.3', 'latest'], semver: true }).find(({ name }) => name === 'latest')?.highest,
    ).toBeUndefined();
  });

  it('are with include-sha-tags the full commit, immutable, and the short one, which moves', () => {
    expect(classes({ names: [], sha: true, sourceTag: `sha-${COMMIT}` })).toEqual({
      [`sha-${COMMIT}`]: 'immutable',
      'sha-aaaaaaa': 'moving',
    });
  });

  it.each([undefined, 'main', 'sha-abcdef0'])('cannot have the commit of the source tag %s', (sourceTag) => {
    expect(() => wanted({ sha: true, sourceTag })).toThrow(expect.objectContaining({ code: 'input-conflict' }));
  });

  it('are channels, and for a version by hand what a build of it gets', () => {
    expect(classes({ names: [], channels: ['prod'], version: 'v1.2.3' })).toEqual({
      'v1.2.3': 'immutable',
      '1.2.3': 'immutable',
      '1.2': 'moving',
      '1': 'moving',
      latest: 'moving',
      prod: 'moving',
    });
  });

  it('cannot have a channel that is immutable', () => {
    expect(() => wanted({ channels: ['1.2.3'] })).toThrow(expect.objectContaining({ code: 'input-invalid' }));
  });

  it('begin with one that must not move with fail-if-dest-exists', () => {
    const names = ['stable', 'latest'];
    expect(classes({ names, failIfExists: true })).toEqual({ stable: 'immutable', latest: 'moving' });
  });
});
