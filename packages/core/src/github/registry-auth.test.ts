import { describe, expect, it } from 'vitest';
import { isFailure, type PlimsollError } from '../runtime/errors.ts';
import { readContext } from './context.ts';
import { ghcrHost, githubCredentials, parseRegistryAuth } from './registry-auth.ts';
import { Secrets } from './secrets.ts';

const noSecrets = () => new Secrets(() => {});

function failureOf(text: string): PlimsollError {
  try {
    parseRegistryAuth(text, noSecrets());
  } catch (error) {
    if (isFailure(error)) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('parseRegistryAuth', () => {
  it('reads entries, keeps digits as text, and masks passwords only', () => {
    const masked: string[] = [];
    const text =
      '- {registry: quay.io, username: bob, password: 0123}\n- registry: 127.0.0.1:5000\n  username: al\n  password: "s3cr3t"';
    expect(parseRegistryAuth(text, new Secrets((value) => masked.push(value)))).toEqual([
      { registry: 'quay.io', username: 'bob', password: '0123' },
      { registry: '127.0.0.1:5000', username: 'al', password: 's3cr3t' },
    ]);
    expect(masked).toContain('0123');
    expect(masked).toContain('s3cr3t');
    expect(masked).toContain(Buffer.from('al:s3cr3t').toString('base64'));
    expect(masked).not.toContain('bob');
  });

  it('of nothing is nothing', () => {
    expect(parseRegistryAuth(undefined, noSecrets())).toEqual([]);
    expect(parseRegistryAuth('[]', noSecrets())).toEqual([]);
  });

  it.each([
    ['not YAML', '- {registry: hunter2'],
    ['a map', 'registry: hunter2'],
    ['a text', 'hunter2'],
    ['an empty password', '- {registry: quay.io, username: hunter2, password: ""}'],
    ['no password', '- {registry: quay.io, username: hunter2}'],
    ['an unknown key', '- {registry: quay.io, username: a, password: hunter2, pasword: b}'],
    [
      'a registry twice',
      '- &a {registry: docker.io, username: a, password: hunter2}\n- {registry: "https://index.docker.io/v1/", username: a, password: hunter2}',
    ],
    ['a registry with a password in it', '- {registry: "a:hunter2@quay.io", username: a, password: b}'],
    ['a nested password', '- {registry: quay.io, username: a, password: {hunter2: b}}'],
  ])('refuses %s without quoting it', (_name, text) => {
    const failure = failureOf(text);
    expect(failure).toMatchObject({ code: 'credentials-invalid' });
    expect(`${failure.message} ${failure.hint} ${String(failure.cause)}`).not.toContain('hunter2');
  });
});

describe('githubCredentials', () => {
  const env = {
    GITHUB_REPOSITORY: 'acme/app',
    GITHUB_SHA: 'a',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_ACTOR: 'octocat',
  };

  it.each([
    ['https://github.com', {}, 'ghcr.io'],
    ['https://ghes.acme.test', {}, 'containers.ghes.acme.test'],
    ['https://github.com', { PLIMSOLL_GHCR_HOST: '127.0.0.1:4000' }, '127.0.0.1:4000'],
  ])('%s with %j logs in at %s', (serverUrl, extra, host) => {
    expect(ghcrHost(serverUrl, extra)).toBe(host);
  });

  it('uses the actor and the token, for that host only', async () => {
    const credentials = githubCredentials(readContext(env, 'ghs_token'), {}, noSecrets());
    expect(await credentials.forHost('ghcr.io')).toEqual({ username: 'octocat', password: 'ghs_token' });
    expect(await credentials.forHost('quay.io')).toBeUndefined();
    expect(await githubCredentials(readContext(env), {}, noSecrets()).forHost('ghcr.io')).toBeUndefined();
  });
});
