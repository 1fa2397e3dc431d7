import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { DEMO_ADVISORIES } from '@plimsoll/testkit/demo/advisories';
import {
  type Checkout,
  checkoutHarbour,
  commitAll,
  checkoutUnsafeTwin,
  setOrigin,
} from '@plimsoll/testkit/demo/fixture';
import { Consumer } from '@plimsoll/testkit/demo/proof';
import { type ActRun, runAct } from '@plimsoll/testkit/runner/act';
import { type LocalRepositories, loopbackSuite } from '@plimsoll/testkit/runner/loopback-suite';
import { pushEvent, repositoryPayload } from '@plimsoll/testkit/world/identity';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { declaredBy } from '../../scripts/house/suite-calls.mjs';

/** The templates as `plimsoll init` copies them, the reusable workflows that they call, and the actions of dist/. */
const suite = path.resolve(import.meta.dirname, '../..');
const SHARED = 'plimsoll-ci/plimsoll/.github/workflows/reusable_pipeline.yml@refs/tags/v1';

interface Template {
  readonly jobs: Record<string, { with?: Record<string, unknown>; steps?: readonly Step[] }>;
}
interface Step {
  readonly uses?: string;
  with?: Record<string, unknown>;
}

let world: World;
let consumer: Consumer;
let loopback: Readonly<Record<string, string>>;
let harbour: Checkout;
let written: Readonly<Record<string, string>>;
let repositories: LocalRepositories;

beforeAll(async () => {
  world = await startWorld({ tools: ['trivy', 'osv-scanner', 'crane', 'act'] });
  consumer = await Consumer.of(world);
  const databases = await world.databases.publish(DEMO_ADVISORIES);
  loopback = {
    build_args: `BASE=${await world.images.base()}`,
    sbom_generator: await world.images.sbomGenerator(),
    trivy_db: databases.trivyDb,
    osv_db: databases.osvDb,
    signing_config: world.sigstore.signingConfig,
    trusted_root: world.sigstore.trustedRoot,
    certificate_oidc_issuer: world.sigstore.issuer,
  };
  harbour = await checkoutHarbour(world.lifetime.folder('harbour'));
  await setOrigin(harbour.directory, 'https://github.com/acme/app.git');
  written = await initialise(harbour.directory);
  repositories = await loopbackSuite(world, Object.values(written));
});
afterAll(() => world?.close());

/** What `plimsoll init` makes of a repository that has only a Dockerfile; by file name. */
async function initialise(directory: string): Promise<Record<string, string>> {
  const program = path.join(suite, 'packages/cli/bin/plimsoll.mjs');
  await promisify(execFile)(process.execPath, [program, 'init', '--quay', '--release', '--rollback', '--rescan'], {
    cwd: directory,
  });
  const workflows = path.join(directory, '.github/workflows');
  const files = [path.join(directory, '.github/plimsoll.yml')].concat(
    (await readdir(workflows)).map((file) => path.join(workflows, file)),
  );
  const read = files.map(async (file) => [path.basename(file), await readFile(file, 'utf8')] as const);
  return Object.fromEntries(await Promise.all(read));
}

/** What an organisation with its own registries and Sigstore adds under `with:`; everything else is the template. */
function onLoopback(text: string): string {
  const template = parse(
    text.replaceAll('ghcr.io', world.ghcr.host).replaceAll('quay.io', world.quay.host),
  ) as Template;
  for (const job of Object.values(template.jobs)) {
    if (job.with?.['image'] !== undefined) job.with = { ...job.with, ...loopback };
    for (const step of job.steps ?? []) step.with = { ...step.with, ...extrasFor(step.uses ?? '') };
  }
  return stringify(template);
}

/** Those of the values that the action has an input for. */
function extrasFor(uses: string): Record<string, string> {
  const declared = declaredBy(uses) ?? {};
  const dashed = Object.entries(loopback).map(([name, value]) => [name.replaceAll('_', '-'), value] as const);
  return Object.fromEntries(dashed.filter(([name]) => name in declared));
}

interface Started {
  readonly template: string;
  readonly event: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly checkout?: Checkout;
}

async function start({ template, event, payload, checkout = harbour }: Started): Promise<ActRun> {
  const { commit: sha, directory } = checkout;
  const workflow = path.join('.github/workflows', template);
  world.github.oidc.setClaims({ sha, workflow_sha: sha, job_workflow_ref: SHARED });
  await setOrigin(directory, 'https://github.com/acme/app.git');
  await mkdir(path.join(directory, '.github/workflows'), { recursive: true });
  await writeFile(path.join(directory, workflow), onLoopback(written[template] ?? ''));
  const scratch = world.lifetime.folder('act', template, event, sha);
  return runAct({
    act: world.tools.act ?? 'act',
    repository: directory,
    scratch,
    event,
    payload,
    workflow,
    repositories,
    env: world.env,
    secrets: { GITHUB_TOKEN: world.token, QUAY_USERNAME: world.quay.username, QUAY_PASSWORD: world.quay.password },
  });
}

const pushOf = ({ commit: sha, committedAt }: Checkout) =>
  pushEvent({ sha, timestamp: new Date(committedAt * 1000).toISOString() });

const dispatch = (inputs: Readonly<Record<string, string>>) => ({
  inputs,
  ref: 'refs/heads/main',
  repository: repositoryPayload(),
});

/** Keeps what the first test published. */
const RETENTION = `
retention:
  channels:
    - { name: main, match: [main], keep: { last: 1 } }
`;

const trust = () => {
  const { issuer, trustedRoot } = world.sigstore;
  return { identity: `https://github.com/${SHARED}`, issuer, trustedRoot };
};

const writes = (since: number) =>
  world.ghcr.front.requests.slice(since).filter(({ method }) => !['GET', 'HEAD'].includes(method));

test('a push to main publishes, signs and tags the image', async () => {
  const run = await start({ template: 'ci_publish_ghcr.yml', event: 'push', payload: pushOf(harbour) });
  expect(run.jobs, run.log).toEqual({ pipeline: 'success' });
  const image = `${world.ghcr.host}/acme/app`;
  expect(await consumer.tags(image)).toEqual(expect.arrayContaining(['main', `sha-${harbour.commit}`]));
  const digest = await consumer.digest(`${image}:main`);
  await consumer.checkEvidence(`${image}@${digest}`, trust());
});

test('a version tag takes the same digest to Quay, under all its names', async () => {
  world.github.setFile('acme/app', '.github/plimsoll.yml', written['plimsoll.yml'] ?? '');
  const payload = { ...pushOf(harbour), ref: 'refs/tags/v1.2.3' };
  const run = await start({ template: 'ci_publish_quay.yml', event: 'push', payload });
  expect(run.jobs, run.log).toEqual({ promote: 'success' });
  const digest = await consumer.digest(`${world.ghcr.host}/acme/app:main`);
  for (const tag of ['1.2.3', '1.2', '1', 'latest', `sha-${harbour.commit}`])
    expect(await consumer.digest(`${world.quay.host}/acme/app:${tag}`)).toBe(digest);
  await consumer.checkEvidence(`${world.quay.host}/acme/app@${digest}`, trust());
});

test('a version tag on a commit that was never published turns the job red', async () => {
  const checkout = await commitAll(harbour.directory, 'Not published');
  const payload = { ...pushOf(checkout), ref: 'refs/tags/v1.2.4' };
  const run = await start({ template: 'ci_publish_quay.yml', event: 'push', payload, checkout });
  expect(run.jobs, run.log).toEqual({ promote: 'failure' });
  expect(await consumer.tags(`${world.quay.host}/acme/app`)).not.toContain('1.2.4');
});

test('a channel is moved by hand, and goes back to what it had before', async () => {
  const image = `${world.ghcr.host}/acme/app`;
  const release = (version: string) =>
    start({
      template: 'release-channel.yml',
      event: 'workflow_dispatch',
      payload: dispatch({ source: 'main', channel: 'prod', version }),
    });
  const first = await consumer.digest(`${image}:main`);
  const released = await release('1.4.0');
  expect(released.jobs, released.log).toEqual({ promote: 'success' });
  for (const tag of ['prod', '1.4.0', '1.4', 'latest']) expect(await consumer.digest(`${image}:${tag}`)).toBe(first);

  const checkout = await commitAll(harbour.directory, 'Paint the hull');
  const pushed = await start({ template: 'ci_publish_ghcr.yml', event: 'push', payload: pushOf(checkout), checkout });
  expect(pushed.jobs, pushed.log).toEqual({ pipeline: 'success' });
  const again = await release('1.5.0');
  expect(again.jobs, again.log).toEqual({ promote: 'success' });
  expect(await consumer.digest(`${image}:prod`)).not.toBe(first);

  const back = await start({
    template: 'rollback.yml',
    event: 'workflow_dispatch',
    payload: dispatch({ channel: 'prod', to: 'previous', reason: 'It takes in water' }),
  });
  expect(back.jobs, back.log).toEqual({ rollback: 'success' });
  expect(await consumer.digest(`${image}:prod`)).toBe(first);
  expect(await consumer.digest(`${image}:1.5.0`)).not.toBe(first);
});

test('what is published is matched with the databases again, without pulling it', async () => {
  const policy = written['plimsoll.yml']?.replace('verify:', `verify:\n  issuer: ${world.sigstore.issuer}`) ?? '';
  world.github.setFile('acme/app', '.github/plimsoll.yml', policy);
  const before = world.ghcr.front.requests.length;
  const run = await start({ template: 'rescan.yml', event: 'schedule', payload: { repository: repositoryPayload() } });
  expect(run.jobs, run.log).toEqual({ rescan: 'success' });
  expect(run.outputs['rescan/plimsoll']).toMatchObject({ outcome: 'pass' });
  expect(writes(before)).toEqual([]);
});

test('a release publishes its commit under the version, and the second event finds it done', async () => {
  const checkout = await commitAll(harbour.directory, 'Release it');
  const payload = { ...pushOf(checkout), ref: 'refs/tags/v2.0.0-rc.1' };
  const tagged = await start({ template: 'release-image.yml', event: 'push', payload, checkout });
  expect(tagged.jobs, tagged.log).toEqual({ pipeline: 'success' });
  expect(tagged.outputs['pipeline/plimsoll']).toMatchObject({ resumed: 'false' });
  const image = `${world.ghcr.host}/acme/app`;
  expect(await consumer.digest(`${image}:2.0.0-rc.1`)).toBe(tagged.outputs['pipeline/plimsoll']?.['digest']);
  const release = { tag_name: 'v2.0.0-rc.1', prerelease: true, target_commitish: 'main' };
  const published = { action: 'published', release, repository: repositoryPayload() };
  const second = await start({ template: 'release-image.yml', event: 'release', payload: published, checkout });
  expect(second.jobs, second.log).toEqual({ pipeline: 'success' });
  expect(second.outputs['pipeline/plimsoll']).toMatchObject({ resumed: 'true' });
  expect(await consumer.digest(`${image}:latest`)).not.toBe(tagged.outputs['pipeline/plimsoll']?.['digest']);
});

test('an unsafe commit turns the job red, and nothing is uploaded', async () => {
  const checkout = await checkoutUnsafeTwin(world.lifetime.folder('unsafe'));
  const before = world.ghcr.front.requests.length;
  const run = await start({ template: 'ci_publish_ghcr.yml', event: 'push', payload: pushOf(checkout), checkout });
  expect(run.jobs, run.log).toEqual({ pipeline: 'failure' });
  expect(run.outputs['pipeline/plimsoll']).toMatchObject({ outcome: 'fail', pushed: 'false', tags: '' });
  expect(writes(before)).toEqual([]);
});

test('a pull request is built and scanned, and goes nowhere', async () => {
  const before = world.ghcr.front.requests.length;
  const repository = repositoryPayload();
  const head = { ref: 'fix', sha: harbour.commit, repo: { full_name: 'stranger/app' } };
  const pull_request = { number: 7, head, base: { ref: 'main', repo: repository } };
  const payload = { action: 'opened', number: 7, pull_request, repository };
  const run = await start({ template: 'ci_check_image.yml', event: 'pull_request', payload });
  expect(run.jobs, run.log).toEqual({ check: 'success' });
  expect(run.outputs['check/plimsoll']).toMatchObject({ outcome: 'pass', pushed: 'false' });
  expect(writes(before)).toEqual([]);
});

test('the weekly run prunes by the policy, and by hand there is only a plan', async () => {
  world.github.setFile('acme/app', '.github/plimsoll.yml', RETENTION);
  const planned = await start({
    template: 'prune.yml',
    event: 'workflow_dispatch',
    payload: dispatch({ mode: 'plan' }),
  });
  expect(planned.jobs, planned.log).toEqual({ prune: 'success' });
  expect(planned.outputs['prune/plimsoll']).toMatchObject({ deleted: '0' });
  const tags = await consumer.tags(`${world.ghcr.host}/acme/app`);
  const weekly = await start({
    template: 'prune.yml',
    event: 'schedule',
    payload: { repository: repositoryPayload() },
  });
  expect(weekly.jobs, weekly.log).toEqual({ prune: 'success' });
  expect(weekly.outputs['prune/plimsoll']?.['deleted']).toBe(planned.outputs['prune/plimsoll']?.['planned']);
  expect(await consumer.tags(`${world.ghcr.host}/acme/app`)).toEqual(tags);
});
