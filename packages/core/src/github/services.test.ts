import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CredentialEntry } from '../oci/auth/credentials.ts';
import { systemClock } from '../runtime/clock.ts';
import { readContext } from './context.ts';
import { readInputs } from './inputs.ts';
import { Secrets } from './secrets.ts';
import { createServices } from './services.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'services-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

interface Given {
  readonly auth?: string;
  readonly token?: string;
  readonly first?: readonly CredentialEntry[];
  readonly env?: Record<string, string>;
}

/** Lists the tags of a repository that only `octocat` with `pa55word` may read. */
async function tagsWith(given: (host: string) => Given): Promise<string[]> {
  await using registry = await startMemoryRegistry({ auth: 'bearer', username: 'octocat', password: 'pa55word' });
  const { auth = '', token, first = [], env = {} } = given(registry.host);
  const secrets = new Secrets(() => {});
  const variables = {
    GITHUB_REPOSITORY: 'acme/app',
    GITHUB_SHA: 'a'.repeat(40),
    GITHUB_REF: 'refs/heads/main',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_ACTOR: 'octocat',
    DOCKER_CONFIG: dir,
    ...env,
  };
  const services = createServices({
    inputs: readInputs(['registry-auth'], { 'INPUT_REGISTRY-AUTH': auth }, secrets),
    github: readContext(variables, token),
    env: variables,
    secrets,
    clock: systemClock,
    signal: new AbortController().signal,
  });
  return await services.registries(first).repository({ registry: registry.host, repository: 'acme/app' }).tags();
}

const right = { username: 'octocat', password: 'pa55word' };
const wrong = { username: 'octocat', password: 'another' };
const yaml = (registry: string, { username, password }: typeof right) =>
  `- {registry: "${registry}", username: ${username}, password: ${password}}`;

describe('registries', () => {
  it('log in with registry-auth', async () => {
    expect(await tagsWith((host) => ({ auth: yaml(host, right) }))).toEqual([]);
  });

  it('log in to GHCR with the actor and the token', async () => {
    expect(await tagsWith((host) => ({ token: 'pa55word', env: { PLIMSOLL_GHCR_HOST: host } }))).toEqual([]);
    await expect(tagsWith(() => ({ token: 'pa55word' }))).rejects.toMatchObject({ code: 'registry-unauthorized' });
  });

  it('fall back to the docker configuration', async () => {
    const given = (host: string) => {
      const auth = Buffer.from('octocat:pa55word').toString('base64');
      writeFileSync(path.join(dir, 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
      return {};
    };
    expect(await tagsWith(given)).toEqual([]);
  });

  it('prefer what stands nearest to the action', async () => {
    const given = (host: string) => ({ auth: yaml(host, wrong), first: [{ registry: host, ...right }] });
    expect(await tagsWith(given)).toEqual([]);
    const overridden = (host: string) => ({
      auth: yaml(host, wrong),
      token: 'pa55word',
      env: { PLIMSOLL_GHCR_HOST: host },
    });
    await expect(tagsWith(overridden)).rejects.toMatchObject({ code: 'registry-unauthorized' });
  });

  it('refuse an unusable registry-auth before anything is sent', async () => {
    await expect(tagsWith(() => ({ auth: 'nothing' }))).rejects.toMatchObject({ code: 'credentials-invalid' });
  });
});
