import { describe, expect, it } from 'vitest';
import { nextReleases } from './next-release.ts';

const tags = (git: string[], published: string[] = []) => nextReleases({ git, published }).next.map(({ tag }) => tag);

describe('the next releases', () => {
  it.each<[string, string[], string[], string[]]>([
    ['come after the highest and not the last', ['v1.9.0', 'v1.10.2', 'v1.2.0'], [], ['v1.10.3', 'v1.11.0']],
    ['keep a spelling without v', ['0.9.9'], [], ['0.9.10', '0.10.0']],
    [
      'pass over pre-releases, moving tags and other names',
      ['v2.0.0-rc.1', 'v1.0.0'],
      ['2', '2.0', 'latest'],
      ['v1.0.1', 'v1.1.0'],
    ],
    [
      'are found by the image where the checkout is shallow',
      [],
      ['v1.2.3', '1.2.3', '1.2', 'latest'],
      ['v1.2.4', 'v1.3.0'],
    ],
    ['follow the spelling of git where both have it', ['1.2.3'], ['v1.2.3', '1.2.3'], ['1.2.4', '1.3.0']],
    ['count a version that only the image has, in the spelling of git', ['v1.2.3'], ['1.3.0'], ['v1.3.1', 'v1.4.0']],
    ['begin somewhere', [], ['main'], ['v0.1.0']],
  ])('%s', (_name, git, published, expected) => {
    expect(tags(git, published)).toEqual(expected);
  });

  it('name what they are counted from', () => {
    expect(nextReleases({ git: ['v1.2.3'], published: [] }).highest).toBe('v1.2.3');
    expect(nextReleases({ git: [], published: [] }).highest).toBeUndefined();
  });
});
