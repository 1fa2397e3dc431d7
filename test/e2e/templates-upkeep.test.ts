import { checkoutUnsafeTwin } from '@plimsoll/testkit/demo/fixture';
import { repositoryPayload } from '@plimsoll/testkit/world/identity';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dispatch, pushOf, TemplateRuns } from '../support/template-runs.ts';

let runs: TemplateRuns;

beforeAll(async () => {
  runs = await TemplateRuns.open();
});
afterAll(() => runs?.world.close());

/** The release template, started by hand; what is not said is as its form has it. */
function release(inputs: Readonly<Record<string, string>>, checkout = runs.harbour) {
  const form = { 'release-type': 'auto', 'build-target': 'all', prerelease: 'false', draft: 'false' };
  const payload = dispatch({ ...form, ...inputs });
  const signer = 'release-docker.yml';
  return runs.start({ template: 'release-dispatch.yml', event: 'workflow_dispatch', payload, checkout, signer });
}

/** What init wrote, with the issuer of the loopback. */
function policy(): string {
  const { issuer } = runs.world.sigstore;
  return runs.written['plimsoll.yml']?.replace('verify:', `verify:\n  issuer: ${issuer}`) ?? '';
}

/** Keeps what the first test published. */
const RETENTION = `
retention:
  channels:
    - { name: main, match: [main], keep: { last: 1 } }
`;

test('an unsafe commit turns the job red, and nothing is uploaded', async () => {
  const checkout = await checkoutUnsafeTwin(runs.world.lifetime.folder('unsafe'));
  const before = runs.world.ghcr.front.requests.length;
  const run = await runs.start({ template: 'ci_publish_ghcr.yml', event: 'push', payload: pushOf(checkout), checkout });
  expect(run.jobs, run.log).toEqual({ pipeline: 'failure' });
  expect(run.outputs['pipeline/plimsoll']).toMatchObject({ outcome: 'fail', pushed: 'false', tags: '' });
  expect(runs.writes(before)).toEqual([]);
});

test('a pull request is built and scanned, and goes nowhere', async () => {
  const before = runs.world.ghcr.front.requests.length;
  const repository = repositoryPayload();
  const head = { ref: 'fix', sha: runs.harbour.commit, repo: { full_name: 'stranger/app' } };
  const pull_request = { number: 7, head, base: { ref: 'main', repo: repository } };
  const payload = { action: 'opened', number: 7, pull_request, repository };
  const run = await runs.start({ template: 'ci_check_image.yml', event: 'pull_request', payload });
  expect(run.jobs, run.log).toEqual({ check: 'success' });
  expect(run.outputs['check/plimsoll']).toMatchObject({ outcome: 'pass', pushed: 'false' });
  expect(runs.writes(before)).toEqual([]);
});

test('a release by hand works out its version, and publishes the image under it before it is written down', async () => {
  runs.world.github.setFile('acme/app', '.github/plimsoll.yml', policy());
  runs.world.github.git.tags.set('acme/app', ['v1.2.3', 'v1.10.0', 'v2.0.0-rc.1']);
  const released = await release({ 'release-type': 'minor' });
  expect(released.jobs, released.log).toMatchObject({ detect: 'success', merge: 'success', release: 'success' });
  expect(released.outputs['release/written']).toMatchObject({
    tag_name: 'v1.11.0',
    draft: 'false',
    prerelease: 'false',
  });
  const digest = await runs.consumer.digest(`${runs.image}:1.11.0`);
  for (const tag of ['1.11', '1', 'latest', 'main'])
    expect(await runs.consumer.digest(`${runs.image}:${tag}`)).toBe(digest);
  await runs.consumer.checkEvidence(`${runs.image}@${digest}`, runs.trust('release-docker.yml'));
});

test('a release by hand of an unsafe commit is red, and there is no release of it', async () => {
  const checkout = await checkoutUnsafeTwin(runs.world.lifetime.folder('unsafe-release'));
  const before = runs.world.ghcr.front.requests.length;
  const run = await release({ 'release-type': 'major' }, checkout);
  expect(run.jobs, run.log).toMatchObject({ detect: 'success', shard: 'failure' });
  expect(run.jobs['release'] ?? 'skipped').toBe('skipped');
  expect(run.outputs['release/written']).toBeUndefined();
  expect(runs.writes(before)).toEqual([]);
});

test('a release by hand can be a draft of a candidate, and can do without an image', async () => {
  const run = await release({ 'release-type': 'major', 'build-target': 'none', prerelease: 'true', draft: 'true' });
  expect(run.jobs, run.log).toMatchObject({ detect: 'success', release: 'success' });
  expect(run.jobs['merge'] ?? 'skipped').toBe('skipped');
  expect(run.outputs['release/written']).toMatchObject({ tag_name: 'v2.0.0-rc.2', draft: 'true', prerelease: 'true' });
});

test('what is published is matched with the databases again, without pulling it', async () => {
  runs.world.github.setFile('acme/app', '.github/plimsoll.yml', policy());
  const before = runs.world.ghcr.front.requests.length;
  const run = await runs.start({
    template: 'rescan.yml',
    event: 'schedule',
    payload: { repository: repositoryPayload() },
  });
  expect(run.jobs, run.log).toEqual({ rescan: 'success' });
  expect(run.outputs['rescan/plimsoll']).toMatchObject({ outcome: 'pass' });
  expect(runs.writes(before)).toEqual([]);
});

test('the weekly run prunes by the policy, and by hand there is only a plan', async () => {
  runs.world.github.setFile('acme/app', '.github/plimsoll.yml', RETENTION);
  const planned = await runs.start({
    template: 'prune.yml',
    event: 'workflow_dispatch',
    payload: dispatch({ mode: 'plan' }),
  });
  expect(planned.jobs, planned.log).toEqual({ prune: 'success' });
  expect(planned.outputs['prune/plimsoll']).toMatchObject({ deleted: '0' });
  const tags = await runs.consumer.tags(runs.image);
  const weekly = await runs.start({
    template: 'prune.yml',
    event: 'schedule',
    payload: { repository: repositoryPayload() },
  });
  expect(weekly.jobs, weekly.log).toEqual({ prune: 'success' });
  expect(weekly.outputs['prune/plimsoll']?.['deleted']).toBe(planned.outputs['prune/plimsoll']?.['planned']);
  expect(await runs.consumer.tags(runs.image)).toEqual(tags);
});
