import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chainCredentials, credentialHost, listCredentials, noCredentials } from './credentials.ts';
import { dockerConfigCredentials, type RunCredentialHelper } from './docker-config.ts';

let directory: string;
let asked: [string, string][];

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-docker-'));
  asked = [];
});

afterEach(() => rm(directory, { recursive: true }));

const helper: RunCredentialHelper = async (name, address) => {
  asked.push([name, address]);
  return address === 'nobody.example' ? undefined : { username: name, password: address };
};

async function credentialOf(host: string, config: unknown) {
  await writeFile(path.join(directory, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  return dockerConfigCredentials({ configDir: directory, runHelper: helper }).forHost(host);
}

const basic = (text: string) => ({ auth: Buffer.from(text).toString('base64') });

describe('dockerConfigCredentials', () => {
  it('reads auths, with colons in the password', async () => {
    const config = { auths: { 'ghcr.io': basic('me:a:b') } };
    expect(await credentialOf('ghcr.io', config)).toEqual({ username: 'me', password: 'a:b' });
    expect(await credentialOf('quay.io', config)).toBeUndefined();
  });

  it.each(['https://index.docker.io/v1/', 'docker.io', 'registry-1.docker.io'])(
    'knows Docker Hub as %s',
    async (key) => {
      expect(await credentialOf('docker.io', { auths: { [key]: basic('me:secret') } })).toMatchObject({
        username: 'me',
      });
    },
  );

  it('hands out a refresh token under the name that docker uses', async () => {
    const auths = {
      'acme.azurecr.io': { ...basic('00000000-0000-0000-0000-000000000000:'), identitytoken: 'refresh' },
    };
    expect(await credentialOf('acme.azurecr.io', { auths })).toEqual({ username: '<token>', password: 'refresh' });
  });

  it("asks a host's own helper first, by its server address", async () => {
    const config = { credHelpers: { 'ghcr.io': 'gh' }, credsStore: 'store', auths: { 'ghcr.io': basic('a:b') } };
    expect(await credentialOf('ghcr.io', config)).toEqual({ username: 'gh', password: 'ghcr.io' });
    expect(asked).toEqual([['gh', 'ghcr.io']]);
  });

  it('asks the store for what auths only names', async () => {
    expect(
      await credentialOf('docker.io', { credsStore: 'store', auths: { 'https://index.docker.io/v1/': {} } }),
    ).toEqual({
      username: 'store',
      password: 'https://index.docker.io/v1/',
    });
    expect(await credentialOf('nobody.example', { credsStore: 'store' })).toBeUndefined();
  });

  it('has none where there is no file, or an empty one', async () => {
    const absent = dockerConfigCredentials({ configDir: path.join(directory, 'absent'), runHelper: helper });
    expect(await absent.forHost('ghcr.io')).toBeUndefined();
    expect(await credentialOf('ghcr.io', '')).toBeUndefined();
    expect(await credentialOf('ghcr.io', { auths: null })).toBeUndefined();
  });

  it.each([
    ['not JSON', '{"auths": {"ghcr.io": {"auth": "c2VjcmV0"'],
    ['of the wrong form', { auths: { 'ghcr.io': { auth: 7 } } }],
    ['not user and password', { auths: { 'ghcr.io': { auth: 'c2VjcmV0' } } }],
  ])('refuses a file that is %s, without quoting it', async (_what, config) => {
    const problem = await credentialOf('ghcr.io', config).catch((error: unknown) => error);
    expect(problem).toMatchObject({ code: 'credentials-invalid' });
    expect(JSON.stringify(problem, Object.getOwnPropertyNames(problem))).not.toMatch(/c2VjcmV0|secret/);
  });
});

describe('credentials in a list and in a chain', () => {
  it('are found by host however the registry was written', async () => {
    const list = listCredentials([{ registry: 'https://Quay.io/', username: 'me', password: 'secret' }]);
    expect(await list.forHost('quay.io')).toEqual({ username: 'me', password: 'secret' });
    expect(await chainCredentials(noCredentials, list).forHost('quay.io')).toMatchObject({ username: 'me' });
    expect(await chainCredentials().forHost('quay.io')).toBeUndefined();
  });

  it('keep ports apart', () => {
    expect(credentialHost('http://localhost:5000/v2/')).toBe('localhost:5000');
  });
});
