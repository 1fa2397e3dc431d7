import { describe, expect, it } from 'vitest';
import { askedVariables } from './secret-variables.ts';

const ask = (name: string, value = 'x', isSecret?: (text: string) => boolean) =>
  askedVariables([name], { env: { [name]: value }, isSecret });

describe('a variable that a file asks for', () => {
  it.each([
    'ACTIONS_RUNTIME_TOKEN',
    'ACTIONS_RESULTS_URL',
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AZURE_CLIENT_ID',
    'AZURE_STORAGE_CONNECTION_STRING',
    'CI_DEPLOY_PASSWORD',
    'COSIGN_PASSWORD',
    'COSIGN_PRIVATE_KEY',
    'COSIGN_PUBLIC_KEY_SECRET',
    'DB_PASS',
    'DB_PWD',
    'DOCKER_AUTH_CONFIG',
    'GITHUB_TOKEN',
    'GH_PAT',
    'GOOGLE_APPLICATION_CREDENTIALS',
    'GPG_PASSPHRASE',
    'NODE_AUTH_TOKEN',
    'NPM_AUTH',
    'OPENAI_APIKEY',
    'SIGNING_KEY',
    'SSH_AUTH_SOCK',
    'VAULT_ADDR',
    'npmToken',
    'registry-password',
  ])('%s is withheld', (name) => {
    expect(ask(name)).toEqual({ given: {}, withheld: [name] });
  });

  it.each([
    'AWS_ACCOUNT_ID',
    'AWS_DEFAULT_REGION',
    'AWS_REGION',
    'AZURE_CONTAINER_REGISTRY',
    'COSIGN_VERSION',
    'GOOGLE_CLOUD_PROJECT',
    'AUTHOR',
    'AUTH_SERVICE_TAG',
    'GITHUB_SHA',
    'KEYCLOAK_VERSION',
    'MONKEY_VERSION',
    'PASSENGER_VERSION',
    'PATH',
    'PUBLIC_KEY_URL',
    'PWD',
    'REGISTRY',
    'SECRETARY',
    'TAG',
    'TOKENIZER_VERSION',
  ])('%s is given', (name) => {
    expect(ask(name)).toEqual({ given: { [name]: 'x' }, withheld: [] });
  });

  it.each([
    '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nabc',
    'postgres://app:hunter2@db/app',
    'http://:hunter2@proxy:3128',
    `ghs_${'a'.repeat(36)}`,
    `github_pat_${'a'.repeat(40)}`,
  ])('is withheld for what it is: %s', (value) => {
    expect(ask('PLAIN', value).withheld).toEqual(['PLAIN']);
  });

  it.each(['https://key@o1.ingest.example/1', 'http://proxy:3128', '-----BEGIN PUBLIC KEY-----', 'v1:2@3'])(
    'is given for what it is: %s',
    (value) => {
      expect(ask('PLAIN', value).withheld).toEqual([]);
    },
  );

  it('is withheld when the run knows its value as a secret', () => {
    expect(ask('PLAIN', 'a known one', (text) => text.includes('known')).withheld).toEqual(['PLAIN']);
  });

  it('holds no secret when it is empty or not set', () => {
    expect(ask('TOKEN', '')).toEqual({ given: { TOKEN: '' }, withheld: [] });
    expect(askedVariables(['TOKEN'], { env: {} })).toEqual({ given: {}, withheld: [] });
  });
});
