import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { OidcIssuer } from './oidc.ts';

const issuer = new OidcIssuer('http://127.0.0.1:1');

interface Answer {
  readonly value: string;
  readonly keys: JsonWebKey[];
}

function ask(url: string): Answer {
  return issuer.handle(new URL(url), `Bearer ${issuer.requestToken}`)?.body as Answer;
}

function claimsOf({ value }: Answer): Record<string, unknown> {
  return JSON.parse(Buffer.from(value.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

test('a token is signed by the published key and carries the audience that was asked for', () => {
  const answer = ask(`${issuer.requestUrl()}&audience=sigstore`);
  expect(claimsOf(answer)).toMatchObject({ iss: issuer.issuer, aud: 'sigstore', repository: 'acme/app' });
  const [header = '', payload = '', signature = ''] = answer.value.split('.');
  const { keys } = ask(`${issuer.issuer}/.well-known/jwks`);
  const key = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' });
  expect(verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
});

test('claims can be overridden for one request and for all that follow', () => {
  expect(claimsOf(ask(issuer.requestUrl({ repository: 'evil/app' })))['repository']).toBe('evil/app');
  issuer.setClaims({ runner_environment: 'self-hosted' });
  expect(claimsOf(ask(issuer.requestUrl()))['runner_environment']).toBe('self-hosted');
  issuer.setClaims({});
  expect(claimsOf(ask(issuer.requestUrl()))['runner_environment']).toBe('github-hosted');
});

test('the token endpoint refuses a wrong bearer token, and leaves other paths to others', () => {
  expect(issuer.handle(new URL(issuer.requestUrl()), 'Bearer wrong')?.status).toBe(401);
  expect(ask(`${issuer.issuer}/repos/acme/app`)).toBeUndefined();
});
