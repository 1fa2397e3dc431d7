import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { cp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { DEMO_ADVISORIES } from '@plimsoll/testkit/demo/advisories';
import { type Checkout, checkoutExample, setOrigin } from '@plimsoll/testkit/demo/fixture';
import { Consumer } from '@plimsoll/testkit/demo/proof';
import { type ActRun, runAct } from '@plimsoll/testkit/runner/act';
import { type LocalRepositories, loopbackSuite } from '@plimsoll/testkit/runner/loopback-suite';
import { pushEvent } from '@plimsoll/testkit/world/identity';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, expect, test } from 'vitest';

const execute = promisify(execFile);
/** A caller that was written for complytime/org-infra, with the `uses:` line changed. */
const WORKFLOW = 'org-infra-publish-oras.yml';
const SHARED = 'plimsoll-ci/plimsoll/.github/workflows/reusable_publish_oras.yml@refs/tags/v1';
const FILES = ['install.sh', 'metadata.json', 'payload/NOTICE', 'payload/rules/zones.yaml'];

/** The loopback registry speaks plain HTTP. */
const plainHttp = (host: string) => ['--host', `reg=${host},tls=disabled`];

let world: World;
let consumer: Consumer;
let repositories: LocalRepositories;
let variables: Readonly<Record<string, string>>;

beforeAll(async () => {
  world = await startWorld({
    parts: ['sigstore', 'ghcr', 'quay', 'hub'],
    tools: ['trivy', 'osv-scanner', 'crane', 'act', 'oras', 'regctl'],
  });
  consumer = await Consumer.of(world);
  repositories = await loopbackSuite(world);
  const databases = await world.databases.publish(DEMO_ADVISORIES);
  variables = {
    TRIVY_DB: databases.trivyDb,
    OSV_DB: databases.osvDb,
    SIGNING_CONFIG: world.sigstore.signingConfig,
    TRUSTED_ROOT: world.sigstore.trustedRoot,
    ISSUER: world.sigstore.issuer,
    SOURCE_REGISTRY: world.ghcr.host,
    DEST_REGISTRY: world.quay.host,
    REF_PROTECTED: 'true',
  };
});
afterAll(() => world?.close());

async function start({ commit: sha, committedAt, directory }: Checkout): Promise<ActRun> {
  world.github.oidc.setClaims({ sha, workflow_sha: sha, job_workflow_ref: SHARED });
  await setOrigin(directory, 'https://github.com/acme/app.git');
  await cp(path.join(import.meta.dirname, 'workflows', WORKFLOW), path.join(directory, '.github/workflows', WORKFLOW));
  return runAct({
    act: world.tools.act ?? 'act',
    repository: directory,
    scratch: world.lifetime.folder('act', sha),
    event: 'push',
    payload: pushEvent({ sha, timestamp: new Date(committedAt * 1000).toISOString() }),
    workflow: path.join('.github/workflows', WORKFLOW),
    repositories,
    env: { ...world.env, GITHUB_REF_PROTECTED: 'true' },
    variables,
    secrets: { GITHUB_TOKEN: world.token, QUAY_USERNAME: world.quay.username, QUAY_PASSWORD: world.quay.password },
  });
}

const image = () => `${world.ghcr.host}/acme/loadlines`;

/** By somebody who has the consumer's logins and nothing else. */
async function run(tool: 'oras' | 'regctl', ...args: readonly string[]): Promise<string> {
  const directory = consumer.dockerConfig;
  const env = { PATH: process.env['PATH'], HOME: directory, DOCKER_CONFIG: directory };
  return (await execute(world.tools[tool] ?? tool, args, { env })).stdout;
}

test('publishes the set, which cosign accepts, oras pulls byte for byte, and a promotion takes along', async () => {
  const checkout = await checkoutExample('artifact-set', world.lifetime.folder('set'));
  const { jobs, outputs, log } = await start(checkout);
  expect(jobs, log).toMatchObject({ publish: 'success', report: 'success', sign: 'success', promote: 'success' });
  const said = outputs['report/outputs'] ?? {};
  expect(said).toMatchObject({ image: image(), 'sha-tag': `sha-${checkout.commit}` });
  for (const tag of ['main', `sha-${checkout.commit}`])
    expect(await consumer.digest(`${image()}:${tag}`)).toBe(said['digest']);
  expect(await consumer.digest(`${world.quay.host}/acme/loadlines:v1.2.3`)).toBe(said['digest']);
  const { issuer, trustedRoot } = world.sigstore;
  const trust = { identity: `https://github.com/${SHARED}`, issuer, trustedRoot };
  for (const from of [image(), `${world.quay.host}/acme/loadlines`])
    await consumer.checkArtifact(`${from}@${said['digest']}`, trust);
  expect(await consumer.packages(`${image()}@${said['digest']}`, trust)).toEqual(
    expect.arrayContaining(['install.sh', 'metadata.json', 'payload', 'left-pad']),
  );
  const pulled = world.lifetime.folder('pulled');
  await run('oras', 'pull', '--plain-http', '--output', pulled, `${image()}@${said['digest']}`);
  expect(
    await run('regctl', 'artifact', 'get', ...plainHttp(world.ghcr.host), '--file', 'install.sh', `${image()}:main`),
  ).toBe(await readFile(path.join(checkout.directory, 'install.sh'), 'utf8'));
  for (const file of FILES)
    expect(await readFile(path.join(pulled, file))).toEqual(await readFile(path.join(checkout.directory, file)));
});

test('uploads nothing of a set with a private key in it', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = String(privateKey.export({ type: 'pkcs1', format: 'pem' }));
  const checkout = await checkoutExample('artifact-set', world.lifetime.folder('unsafe'), { 'payload/id_rsa': key });
  const before = world.ghcr.front.requests.length;
  const { jobs, log } = await start(checkout);
  expect(jobs['publish'], log).toBe('failure');
  expect(log).toContain('scan-failed');
  const writes = world.ghcr.front.requests.slice(before).filter(({ method }) => !['GET', 'HEAD'].includes(method));
  expect(writes).toEqual([]);
});
