import { describe, expect, it } from 'vitest';
import { gitSecret, gitToken, readGitContext } from './git-context.ts';

const run = {
  repository: 'acme/app',
  serverUrl: 'https://github.com',
  sha: 'e'.repeat(40),
  ref: 'refs/pull/7/merge',
  token: 'ghs_token',
};
const read = (text: string) => readGitContext(text, run);

describe('a context', () => {
  it.each([
    ['https://host/a/b.git', { url: 'https://host/a/b.git', ref: undefined, subdir: '' }],
    ['https://host/a/b.git#main', { url: 'https://host/a/b.git', ref: 'main', subdir: '' }],
    ['https://host/a/b.git#v1:/docker/app/', { url: 'https://host/a/b.git', ref: 'v1', subdir: 'docker/app' }],
    ['https://host/a/b.git#:app', { url: 'https://host/a/b.git', ref: undefined, subdir: 'app' }],
    ['git@host:a/b.git#main', { url: 'git@host:a/b.git', ref: 'main', subdir: '' }],
    ['https://github.com/Acme/app.git#:app', { url: 'https://github.com/Acme/app.git', ref: run.sha, subdir: 'app' }],
  ])('%s is a repository', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it.each(['.', 'docker/app', '../other', '/abs/path.git'])('%s is a directory', (text) => {
    expect(read(text)).toBeUndefined();
  });

  it.each([
    'https://host/archive.tar.gz',
    'https://user:secret@host/a/b.git',
    'https://host/a/b.git#main:../..',
    'https://host/a/b.git#--upload-pack=x',
    'oci-layout://d',
  ])('%s is refused', (text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'input-invalid' }));
    expect(() => read(text)).not.toThrow('secret');
  });
});

describe('the token of a repository', () => {
  const at = (url: string, ref?: string) => ({ url, ref, subdir: '' });
  const OWN = 'https://github.com/acme/app.git';
  const secret = { id: 'GIT_AUTH_TOKEN.github.com', value: 'ghs_token' };

  it.each([run.sha, run.ref, 'main', 'feature/x', 'refs/heads/main', 'refs/tags/v1.2.3', undefined])(
    'is the run’s own for its own repository at %s, for that host alone',
    (ref) => {
      expect(gitSecret(at(OWN, ref), [], run)).toEqual([secret]);
      expect(gitSecret(at('https://github.com/Acme/App.git', ref), [], run)).toEqual([secret]);
    },
  );

  it.each(['d'.repeat(40), 'ddddddd', 'refs/pull/8/head', 'pull/8/head', '+refs/pull/8/head', 'refs/changes/1'])(
    'is not the run’s at %s, which a fork may have written',
    (ref) => {
      expect(gitSecret(at(OWN, ref), [], run)).toEqual([]);
      expect(gitToken(at(OWN, ref), [], run)).toBeUndefined();
    },
  );

  it.each([
    'https://github.com/acme/other.git',
    'https://github.com/evil/app.git',
    'https://github.com/acme/app.git.git',
    'https://github.com.evil.example/acme/app.git',
    'http://github.com/acme/app.git',
    'git@github.com:acme/app.git',
  ])('is not the run’s for %s', (url) => {
    expect(gitSecret(at(url), [], run)).toEqual([]);
    expect(gitToken(at(url), [], run)).toBeUndefined();
  });

  it('is left to a secret of the build that is for this host', () => {
    const own = [{ id: 'GIT_AUTH_TOKEN', value: 'mine' }];
    expect(gitSecret(at(OWN), own, run)).toEqual([]);
    expect(gitToken(at('https://github.com/acme/other.git'), own, run)).toBe('mine');
    const elsewhere = [{ id: 'GIT_AUTH_TOKEN.git.example', value: 'mine' }];
    expect(gitSecret(at(OWN), elsewhere, run)).toEqual([secret]);
    expect(gitToken(at('https://github.com/acme/other.git'), elsewhere, run)).toBeUndefined();
  });
});
