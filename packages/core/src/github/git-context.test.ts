import { describe, expect, it } from 'vitest';
import { gitSecret, readGitContext } from './git-context.ts';

const run = { repository: 'acme/app', serverUrl: 'https://github.com', sha: 'e'.repeat(40), token: 'ghs_token' };
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
  const at = (url: string) => ({ url, ref: undefined, subdir: '' });

  it('is the run’s own on its own server, for that host alone', () => {
    const secret = { id: 'GIT_AUTH_TOKEN.github.com', value: 'ghs_token' };
    expect(gitSecret(at('https://github.com/acme/other.git'), [], run)).toEqual([secret]);
  });

  it('goes to no other server, and to none over SSH', () => {
    expect(gitSecret(at('https://github.com.evil.example/a.git'), [], run)).toEqual([]);
    expect(gitSecret(at('git@github.com:acme/app.git'), [], run)).toEqual([]);
  });

  it('is left to a secret of the build', () => {
    const own = [{ id: 'GIT_AUTH_TOKEN', value: 'mine' }];
    expect(gitSecret(at('https://github.com/acme/other.git'), own, run)).toEqual([]);
  });
});
