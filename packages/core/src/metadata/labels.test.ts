import { describe, expect, it } from 'vitest';
import { annotationText, imageAnnotations } from './annotations.ts';
import { imageLabels } from './labels.ts';

const SHA = 'e'.repeat(40);
const key = (name: string) => `org.opencontainers.image.${name}`;
const github = {
  repository: 'acme/app',
  owner: 'acme',
  name: 'app',
  serverUrl: 'https://github.com',
  sha: SHA,
  event: {
    repository: {
      name: 'App',
      html_url: 'https://github.com/acme/App',
      homepage: 'https://app.example',
      description: 'Two\nlines',
      license: { spdx_id: 'Apache-2.0' },
      owner: { login: 'Acme' },
    },
  },
};

describe('imageLabels', () => {
  it('come from the event', () => {
    expect(imageLabels({ github, version: '1.2.3', created: new Date('2026-11-21T08:00:00Z') })).toEqual({
      [key('created')]: '2026-11-21T08:00:00Z',
      [key('description')]: 'Two lines',
      [key('documentation')]: 'https://app.example',
      [key('licenses')]: 'Apache-2.0',
      [key('revision')]: SHA,
      [key('source')]: 'https://github.com/acme/App',
      [key('title')]: 'App',
      [key('url')]: 'https://github.com/acme/App',
      [key('vendor')]: 'Acme',
      [key('version')]: '1.2.3',
    });
  });

  it('leave out what is not known, and let the given ones win', () => {
    const bare = { ...github, event: { repository: { license: { spdx_id: 'NOASSERTION' } } } };
    expect(imageLabels({ github: bare, version: 'main', given: { [key('title')]: 'Mine', own: 'x=y' } })).toEqual({
      own: 'x=y',
      [key('revision')]: SHA,
      [key('source')]: 'https://github.com/acme/app',
      [key('title')]: 'Mine',
      [key('url')]: 'https://github.com/acme/app',
      [key('vendor')]: 'acme',
      [key('version')]: 'main',
    });
  });
});

describe('imageAnnotations', () => {
  const texts = (lines: readonly string[], known = {}) => imageAnnotations(known, lines).map(annotationText);

  it.each([
    ['a=b', ['manifest:a=b']],
    ['index:a=b=c', ['index:a=b=c']],
    ['manifest,index:a=', ['manifest:a=', 'index:a=']],
    ['manifest[linux/arm64/v8]:a=b', ['manifest[linux/arm64]:a=b']],
    ['index-descriptor, manifest-descriptor: a = b', ['index-descriptor:a=b', 'manifest-descriptor:a=b']],
  ])('%s', (line, expected) => {
    expect(texts([line])).toEqual(expected);
  });

  it('are what is known, on index and manifests, and the lines over it', () => {
    expect(texts(['index:t=Mine'], { t: 'App' })).toEqual(['index:t=Mine', 'manifest:t=App']);
  });

  it.each(['a', '=b', 'index:=b', 'indx:a=b', 'manifest[x]:a=b'])('refuse %s', (line) => {
    expect(() => texts([line])).toThrowError(expect.objectContaining({ code: 'input-invalid' }));
  });
});
