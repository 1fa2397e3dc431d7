import { cp } from 'node:fs/promises';
import path from 'node:path';
import { DEMO_ADVISORIES } from '@plimsoll/testkit/demo/advisories';
import { type Checkout, checkoutHarbour, checkoutUnsafeTwin, setOrigin } from '@plimsoll/testkit/demo/fixture';
import { Consumer } from '@plimsoll/testkit/demo/proof';
import { type ActRun, runAct } from '@plimsoll/testkit/runner/act';
import { checkOutSuite } from '@plimsoll/testkit/runner/checked-out-suite';
import { pushEvent } from '@plimsoll/testkit/world/identity';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, expect, test } from 'vitest';

const workflows = path.join(import.meta.dirname, 'workflows');
const IDENTITY = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main';

let world: World;
let consumer: Consumer;
let variables: Record<string, string>;
let suite: string;

beforeAll(async () => {
  world = await startWorld({ tools: ['trivy', 'osv-scanner', 'crane', 'act'] });
  consumer = await Consumer.of(world);
  suite = await checkOutSuite(world.lifetime.folder('suite'));
  const databases = await world.databases.publish(DEMO_ADVISORIES);
  variables = {
    ...world.env,
    GHCR: world.ghcr.host,
    QUAY: world.quay.host,
    BASE: await world.images.base(),
    SBOM_GENERATOR: await world.images.sbomGenerator(),
    TRIVY_DB: databases.trivyDb,
    OSV_DB: databases.osvDb,
    SIGNING_CONFIG: world.sigstore.signingConfig,
    TRUSTED_ROOT: world.sigstore.trustedRoot,
    ISSUER: world.sigstore.issuer,
  };
});
afterAll(() => world?.close());

/** Runs a workflow of this directory for a checkout, as a push to main. */
async function push(workflow: string, checkout: Checkout): Promise<ActRun> {
  const { commit: sha, committedAt, directory } = checkout;
  world.github.oidc.setClaims({ sha, workflow_sha: sha, job_workflow_sha: sha });
  await setOrigin(directory, 'https://github.com/acme/app.git');
  await cp(path.join(workflows, workflow), path.join(directory, '.github/workflows', workflow), { recursive: true });
  return runAct({
    act: world.tools.act ?? 'act',
    repository: directory,
    scratch: world.lifetime.folder('act', workflow, sha),
    event: 'push',
    payload: pushEvent({ sha, timestamp: new Date(committedAt * 1000).toISOString() }),
    workflow: path.join('.github/workflows', workflow),
    repositories: { 'plimsoll-ci/plimsoll@v1': suite },
    env: variables,
    secrets: { GITHUB_TOKEN: world.token, QUAY_USERNAME: world.quay.username, QUAY_PASSWORD: world.quay.password },
  });
}

const trust = () => ({ identity: IDENTITY, issuer: world.sigstore.issuer, trustedRoot: world.sigstore.trustedRoot });

test('one step takes a commit to GHCR, and a job that knows only the digest takes it to Quay', async () => {
  const checkout = await checkoutHarbour(world.lifetime.folder('path'));
  const run = await push('path.yml', checkout);
  expect(run.jobs, run.log).toEqual({ ship: 'success', promote: 'success' });
  const digest = run.outputs['ship/plimsoll']?.['digest'] ?? '';
  expect(await consumer.digest(`${world.ghcr.host}/acme/harbour:sha-${checkout.commit}`)).toBe(digest);
  for (const tag of ['1.2.3', '1.2', 'latest']) {
    expect(await consumer.digest(`${world.quay.host}/acme/harbour:${tag}`)).toBe(digest);
  }
  await consumer.checkEvidence(`${world.ghcr.host}/acme/harbour@${digest}`, trust());
  await consumer.checkEvidence(`${world.quay.host}/acme/harbour@${digest}`, trust());
  expect(run.summaries.join('\n')).toContain('is published, signed, verified and tagged');
});

test('separate actions in separate jobs reach the same', async () => {
  const checkout = await checkoutHarbour(world.lifetime.folder('stages'));
  const run = await push('stages.yml', checkout);
  expect(run.jobs, run.log).toEqual({ build: 'success', scan: 'success', sign: 'success', verify: 'success' });
  const digest = run.outputs['build/build']?.['digest'] ?? '';
  expect(await consumer.tags(`${world.ghcr.host}/acme/stages`)).toEqual(
    expect.arrayContaining(['main', `sha-${checkout.commit}`]),
  );
  expect(await consumer.digest(`${world.ghcr.host}/acme/stages:main`)).toBe(digest);
  await consumer.checkEvidence(`${world.ghcr.host}/acme/stages@${digest}`, trust());
});

test('an unsafe commit turns the job red, and nothing is uploaded', async () => {
  const before = world.ghcr.front.requests.length;
  const run = await push('path.yml', await checkoutUnsafeTwin(world.lifetime.folder('unsafe')));
  expect(run.jobs['ship'], run.log).toBe('failure');
  expect(run.jobs['promote']).not.toBe('success');
  expect(run.outputs['ship/plimsoll']).toMatchObject({ outcome: 'fail', pushed: 'false', tags: '' });
  const writes = world.ghcr.front.requests.slice(before).filter(({ method }) => !['GET', 'HEAD'].includes(method));
  expect(writes).toEqual([]);
});
