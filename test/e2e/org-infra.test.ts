import { checkoutHarbour, checkoutUnsafeTwin } from '@plimsoll/testkit/demo/fixture';
import { repositoryPayload } from '@plimsoll/testkit/world/identity';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Callers } from '../support/callers.ts';

let callers: Callers;

beforeAll(async () => {
  callers = await Callers.open('reusable_publish_ghcr.yml');
});
afterAll(() => callers?.world.close());

test('publishes, scans, signs and promotes, and moves a tag only behind the signature of the job for it', async () => {
  const run = await callers.start({ workflow: 'org-infra-publish.yml' });
  expect(run.jobs, run.log).toMatchObject({
    publish: 'success',
    scan: 'success',
    report: 'success',
    sign: 'success',
    promote: 'success',
  });
  const said = run.outputs['report/outputs'] ?? {};
  expect(said).toMatchObject({
    image: callers.image,
    'image-ref': `${callers.image}:sha-${callers.harbour.commit}`,
    passed: 'true',
    attached: 'true',
  });
  expect(await callers.named()).toEqual(['main', `sha-${callers.harbour.commit}`]);
  for (const tag of ['main', `sha-${callers.harbour.commit}`])
    expect(await callers.consumer.digest(`${callers.image}:${tag}`)).toBe(said['digest']);
  const short = `sha-${callers.harbour.commit.slice(0, 7)}`;
  for (const tag of ['v1.2.3', 'stable', 'newest', `sha-${callers.harbour.commit}`, short]) {
    expect(await callers.consumer.digest(`${callers.world.quay.host}/acme/app:${tag}`)).toBe(said['digest']);
  }
  await callers.consumer.checkEvidence(`${callers.image}@${said['digest']}`, callers.trust);
});

test('finds no image where one must not be: an unsafe commit is red, and nothing is uploaded', async () => {
  const checkout = await checkoutUnsafeTwin(callers.world.lifetime.folder('unsafe'));
  const before = callers.world.ghcr.front.requests.length;
  const run = await callers.start({ workflow: 'org-infra-publish.yml', checkout });
  expect(run.jobs['publish'], run.log).toBe('failure');
  expect(callers.writes(before)).toEqual([]);
});

test('publishes a development image from an unprotected ref, when a member starts it', async () => {
  callers.world.github.intercept = ({ path: asked }) =>
    asked.startsWith('/orgs/acme/members/') ? { status: 204, body: {} } : undefined;
  const run = await callers.start({ workflow: 'org-infra-publish.yml', env: { GITHUB_REF_PROTECTED: 'false' } });
  callers.world.github.intercept = undefined;
  expect(run.jobs['publish'], run.log).toBe('success');
  expect(await callers.named()).toEqual(
    expect.arrayContaining([`dev-sha-${callers.harbour.commit}`, 'dev-main', `sha-${callers.harbour.commit}`]),
  );
});

test('builds each platform in a job of its own, and merges them to the same kind of image', async () => {
  const checkout = await checkoutHarbour(callers.world.lifetime.folder('distributed'));
  const payload = { ref: 'refs/heads/main', inputs: {}, repository: repositoryPayload() };
  const run = await callers.start({ workflow: 'org-infra-publish.yml', event: 'workflow_dispatch', payload, checkout });
  expect(run.jobs, run.log).toMatchObject({ plan: 'success', shard: 'success', merge: 'success', scan: 'success' });
  await callers.consumer.checkEvidence(`${callers.image}@${run.outputs['report/outputs']?.['digest']}`, callers.trust);
});

test('scans a part before it leaves the job that built it: an unsafe one is red, and nothing is uploaded', async () => {
  const checkout = await checkoutUnsafeTwin(callers.world.lifetime.folder('distributed-unsafe'));
  const before = callers.world.ghcr.front.requests.length;
  const payload = { ref: 'refs/heads/main', inputs: {}, repository: repositoryPayload() };
  const run = await callers.start({ workflow: 'org-infra-publish.yml', event: 'workflow_dispatch', payload, checkout });
  expect(run.jobs, run.log).toMatchObject({ plan: 'success', shard: 'failure' });
  expect(run.jobs['merge'] ?? 'skipped').toBe('skipped');
  expect(callers.writes(before)).toEqual([]);
});

test('scans the source, and says what it found at code scanning', async () => {
  const run = await callers.start({ workflow: 'org-infra-scan.yml' });
  expect(run.jobs, run.log).toMatchObject({ scan: 'success' });
});
