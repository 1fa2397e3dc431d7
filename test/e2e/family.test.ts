import { execFileSync } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DEMO_ADVISORIES } from '@plimsoll/testkit/demo/advisories';
import { commitAll, setOrigin } from '@plimsoll/testkit/demo/fixture';
import { Consumer } from '@plimsoll/testkit/demo/proof';
import { runAct } from '@plimsoll/testkit/runner/act';
import { loopbackSuite } from '@plimsoll/testkit/runner/loopback-suite';
import { pushEvent } from '@plimsoll/testkit/world/identity';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, expect, test } from 'vitest';

const SHARED = 'plimsoll-ci/plimsoll/.github/workflows/reusable_pipeline.yml@refs/tags/v1';
const SUITE = path.resolve(import.meta.dirname, '../..');

let world: World;
let consumer: Consumer;

beforeAll(async () => {
  world = await startWorld({ tools: ['trivy', 'osv-scanner', 'crane', 'act'] });
  consumer = await Consumer.of(world);
});
afterAll(() => world?.close());

/** The example as a repository of its own, whose images go to the registry of the world. */
async function checkout() {
  const directory = world.lifetime.folder('family');
  await cp(path.join(SUITE, 'examples/family'), directory, { recursive: true });
  const bake = path.join(directory, 'docker-bake.hcl');
  await writeFile(bake, (await readFile(bake, 'utf8')).replace('"ghcr.io"', JSON.stringify(world.ghcr.host)));
  await cp(
    path.join(import.meta.dirname, 'workflows/family.yml'),
    path.join(directory, '.github/workflows/family.yml'),
  );
  execFileSync('git', ['-C', directory, 'init', '--quiet', '--initial-branch=main']);
  const made = await commitAll(directory, 'Tell tides and berths');
  await setOrigin(directory, 'https://github.com/acme/app.git');
  return made;
}

test('a bake file goes through the reusable pipeline as one family', async () => {
  const { commit: sha, committedAt, directory } = await checkout();
  world.github.oidc.setClaims({ sha, workflow_sha: sha, job_workflow_ref: SHARED });
  const databases = await world.databases.publish(DEMO_ADVISORIES);
  const run = await runAct({
    act: world.tools.act ?? 'act',
    repository: directory,
    scratch: world.lifetime.folder('act'),
    event: 'push',
    payload: pushEvent({ sha, timestamp: new Date(committedAt * 1000).toISOString() }),
    workflow: '.github/workflows/family.yml',
    repositories: await loopbackSuite(world),
    env: world.env,
    variables: {
      BASE: await world.images.base(),
      SBOM_GENERATOR: await world.images.sbomGenerator(),
      TRIVY_DB: databases.trivyDb,
      OSV_DB: databases.osvDb,
      SIGNING_CONFIG: world.sigstore.signingConfig,
      TRUSTED_ROOT: world.sigstore.trustedRoot,
      ISSUER: world.sigstore.issuer,
    },
    secrets: { GITHUB_TOKEN: world.token },
  });
  expect(run.jobs, run.log).toEqual({ pipeline: 'success', report: 'success' });
  const { tide = '', pushed } = run.outputs['report/outputs'] ?? {};
  expect(pushed).toBe('true');
  for (const name of ['base', 'runtime', 'tide', 'berth']) {
    const image = `${world.ghcr.host}/acme/harbour-${name}`;
    expect(await consumer.digest(`${image}:main`)).toBe(await consumer.digest(`${image}:sha-${sha}`));
  }
  expect(tide).toBe(
    `${world.ghcr.host}/acme/harbour-tide@${await consumer.digest(`${world.ghcr.host}/acme/harbour-tide:main`)}`,
  );
  const { issuer, trustedRoot } = world.sigstore;
  await consumer.checkEvidence(tide, { identity: `https://github.com/${SHARED}`, issuer, trustedRoot });
});
