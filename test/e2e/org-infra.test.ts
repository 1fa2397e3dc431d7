import { cp } from 'node:fs/promises';
import path from 'node:path';
import { DEMO_ADVISORIES } from '@plimsoll/testkit/demo/advisories';
import { type Checkout, checkoutHarbour, checkoutUnsafeTwin, setOrigin } from '@plimsoll/testkit/demo/fixture';
import { Consumer } from '@plimsoll/testkit/demo/proof';
import { type ActRun, runAct } from '@plimsoll/testkit/runner/act';
import { type LocalRepositories, loopbackSuite } from '@plimsoll/testkit/runner/loopback-suite';
import { pushEvent, repositoryPayload } from '@plimsoll/testkit/world/identity';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** Callers that were written for complytime/org-infra, with the `uses:` line changed. */
const workflows = path.join(import.meta.dirname, 'workflows');
const SHARED = 'plimsoll-ci/plimsoll/.github/workflows/reusable_publish_ghcr.yml@refs/tags/v1';
const PROTECTED = { GITHUB_REF_PROTECTED: 'true' };

let world: World;
let consumer: Consumer;
let repositories: LocalRepositories;
let variables: Readonly<Record<string, string>>;
let harbour: Checkout;

beforeAll(async () => {
  world = await startWorld({ tools: ['trivy', 'osv-scanner', 'crane', 'act'] });
  consumer = await Consumer.of(world);
  repositories = await loopbackSuite(world);
  const databases = await world.databases.publish(DEMO_ADVISORIES);
  variables = {
    BASE: await world.images.base(),
    SBOM_GENERATOR: await world.images.sbomGenerator(),
    TRIVY_DB: databases.trivyDb,
    OSV_DB: databases.osvDb,
    SIGNING_CONFIG: world.sigstore.signingConfig,
    TRUSTED_ROOT: world.sigstore.trustedRoot,
    ISSUER: world.sigstore.issuer,
    SOURCE_REGISTRY: world.ghcr.host,
    DEST_REGISTRY: world.quay.host,
  };
  harbour = await checkoutHarbour(world.lifetime.folder('harbour'));
});
afterAll(() => world?.close());

interface Started {
  readonly workflow: string;
  readonly event?: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly checkout?: Checkout;
  readonly env?: Readonly<Record<string, string>>;
}

async function start({
  workflow,
  event = 'push',
  payload,
  checkout = harbour,
  env = PROTECTED,
}: Started): Promise<ActRun> {
  const { commit: sha, committedAt, directory } = checkout;
  world.github.oidc.setClaims({ sha, workflow_sha: sha, job_workflow_ref: SHARED });
  await setOrigin(directory, 'https://github.com/acme/app.git');
  await cp(path.join(workflows, workflow), path.join(directory, '.github/workflows', workflow), { recursive: true });
  return runAct({
    act: world.tools.act ?? 'act',
    repository: directory,
    scratch: world.lifetime.folder('act', workflow, event, sha, env['GITHUB_REF_PROTECTED'] ?? ''),
    event,
    payload: payload ?? pushEvent({ sha, timestamp: new Date(committedAt * 1000).toISOString() }),
    workflow: path.join('.github/workflows', workflow),
    repositories,
    env: { ...world.env, ...env },
    variables: { ...variables, REF_PROTECTED: env['GITHUB_REF_PROTECTED'] ?? '' },
    secrets: { GITHUB_TOKEN: world.token, QUAY_USERNAME: world.quay.username, QUAY_PASSWORD: world.quay.password },
  });
}

const image = () => `${world.ghcr.host}/acme/app`;
/** Without the tags that referrers are found by. */
const named = async () => (await consumer.tags(image())).filter((tag) => !tag.startsWith('sha256-'));
const trust = () => ({
  identity: `https://github.com/${SHARED}`,
  issuer: world.sigstore.issuer,
  trustedRoot: world.sigstore.trustedRoot,
});

test('publishes, scans, signs and promotes, and moves a tag only behind the signature of the job for it', async () => {
  const run = await start({ workflow: 'org-infra-publish.yml' });
  expect(run.jobs, run.log).toMatchObject({
    publish: 'success',
    scan: 'success',
    report: 'success',
    sign: 'success',
    promote: 'success',
  });
  const said = run.outputs['report/outputs'] ?? {};
  expect(said).toMatchObject({
    image: image(),
    'image-ref': `${image()}:sha-${harbour.commit}`,
    passed: 'true',
    attached: 'true',
  });
  expect(await named()).toEqual(['main', `sha-${harbour.commit}`]);
  for (const tag of ['main', `sha-${harbour.commit}`])
    expect(await consumer.digest(`${image()}:${tag}`)).toBe(said['digest']);
  const short = `sha-${harbour.commit.slice(0, 7)}`;
  for (const tag of ['v1.2.3', 'stable', 'newest', `sha-${harbour.commit}`, short]) {
    expect(await consumer.digest(`${world.quay.host}/acme/app:${tag}`)).toBe(said['digest']);
  }
  await consumer.checkEvidence(`${image()}@${said['digest']}`, trust());
});

test('finds no image where one must not be: an unsafe commit is red, and nothing is uploaded', async () => {
  const checkout = await checkoutUnsafeTwin(world.lifetime.folder('unsafe'));
  const before = world.ghcr.front.requests.length;
  const run = await start({ workflow: 'org-infra-publish.yml', checkout });
  expect(run.jobs['publish'], run.log).toBe('failure');
  const writes = world.ghcr.front.requests.slice(before).filter(({ method }) => !['GET', 'HEAD'].includes(method));
  expect(writes).toEqual([]);
});

test('publishes a development image from an unprotected ref, when a member starts it', async () => {
  world.github.intercept = ({ path: asked }) =>
    asked.startsWith('/orgs/acme/members/') ? { status: 204, body: {} } : undefined;
  const run = await start({ workflow: 'org-infra-publish.yml', env: { GITHUB_REF_PROTECTED: 'false' } });
  world.github.intercept = undefined;
  expect(run.jobs['publish'], run.log).toBe('success');
  expect(await named()).toEqual(
    expect.arrayContaining([`dev-sha-${harbour.commit}`, 'dev-main', `sha-${harbour.commit}`]),
  );
});

test('builds each platform in a job of its own, and merges them to the same kind of image', async () => {
  const checkout = await checkoutHarbour(world.lifetime.folder('distributed'));
  const payload = { ref: 'refs/heads/main', inputs: {}, repository: repositoryPayload() };
  const run = await start({ workflow: 'org-infra-publish.yml', event: 'workflow_dispatch', payload, checkout });
  expect(run.jobs, run.log).toMatchObject({ plan: 'success', shard: 'success', merge: 'success', scan: 'success' });
  await consumer.checkEvidence(`${image()}@${run.outputs['report/outputs']?.['digest']}`, trust());
});

test('scans the source, and says what it found at code scanning', async () => {
  const run = await start({ workflow: 'org-infra-scan.yml' });
  expect(run.jobs, run.log).toMatchObject({ scan: 'success' });
});
