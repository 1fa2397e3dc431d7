import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GitHub, startGitHub } from './github.ts';
import { Lifetime } from './lifetime.ts';

const lifetime = new Lifetime();
let github: GitHub;

beforeAll(async () => {
  github = await startGitHub(lifetime);
});

afterAll(() => lifetime.close());

async function get(path: string, token = github.token) {
  const response = await fetch(`${github.apiUrl}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const body = (await response.json()) as Record<string, unknown> & { length?: number };
  return { status: response.status, body };
}

test('files are served at their ref, and absent ones are told from unreadable ones', async () => {
  github.setFile('acme/app', '.github/plimsoll.yml', 'scan: {}\n');
  const found = await get('/repos/acme/app/contents/.github/plimsoll.yml?ref=refs/heads/main');
  expect(Buffer.from(String(found.body['content']), 'base64').toString()).toBe('scan: {}\n');
  expect((await get('/repos/acme/app/contents/.github/plimsoll.yml?ref=v1')).status).toBe(404);
  expect((await get('/repos/acme/app/contents/?ref=main')).body).toMatchObject([{ name: '.github', type: 'dir' }]);
  github.repositories.unreadable.add('acme/app');
  expect((await get('/repos/acme/app/contents/.github/plimsoll.yml')).status).toBe(403);
  expect((await get('/repos/acme/gone/contents/a')).status).toBe(404);
});

test('a wrong token is refused, and the repository names its default branch', async () => {
  expect((await get('/repos/acme/app', 'wrong')).status).toBe(401);
  expect((await get('/repos/acme/app')).body).toMatchObject({ default_branch: 'main' });
});

test('packages and identity live on the same address, and a test can answer in place of GitHub', async () => {
  github.packages.recordManifest({
    owner: 'acme',
    pkg: 'app',
    digest: `sha256:${'1'.repeat(64)}`,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    tags: ['v1'],
    bytes: Buffer.from('{}'),
  });
  expect((await get('/orgs/acme/packages/container/app/versions')).body).toHaveLength(1);
  const token = await fetch(github.oidc.requestUrl(), {
    headers: { authorization: `bearer ${github.oidc.requestToken}` },
  });
  expect(token.status).toBe(200);
  github.intercept = () => ({ status: 502, body: '<html>Unicorn</html>' });
  expect((await fetch(`${github.apiUrl}/repos/acme/app`)).status).toBe(502);
  github.intercept = undefined;
  expect(github.requests.at(-1)).toMatchObject({ method: 'GET', path: '/repos/acme/app', status: 502 });
});
