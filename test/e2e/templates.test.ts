import { commitAll } from '@plimsoll/testkit/demo/fixture';
import { repositoryPayload } from '@plimsoll/testkit/world/identity';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dispatch, pushOf, TemplateRuns } from '../support/template-runs.ts';

let runs: TemplateRuns;

beforeAll(async () => {
  runs = await TemplateRuns.open();
});
afterAll(() => runs?.world.close());

test('a push to main publishes, signs and tags the image', async () => {
  const run = await runs.start({ template: 'ci_publish_ghcr.yml', event: 'push', payload: pushOf(runs.harbour) });
  expect(run.jobs, run.log).toEqual({ pipeline: 'success' });
  const { image } = runs;
  expect(await runs.consumer.tags(image)).toEqual(expect.arrayContaining(['main', `sha-${runs.harbour.commit}`]));
  const digest = await runs.consumer.digest(`${image}:main`);
  await runs.consumer.checkEvidence(`${image}@${digest}`, runs.trust());
});

test('a version tag takes the same digest to Quay, under all its names', async () => {
  runs.world.github.setFile('acme/app', '.github/plimsoll.yml', runs.written['plimsoll.yml'] ?? '');
  const payload = { ...pushOf(runs.harbour), ref: 'refs/tags/v1.2.3' };
  const run = await runs.start({ template: 'ci_publish_quay.yml', event: 'push', payload });
  expect(run.jobs, run.log).toEqual({ promote: 'success' });
  const digest = await runs.consumer.digest(`${runs.image}:main`);
  for (const tag of ['1.2.3', '1.2', '1', 'latest', `sha-${runs.harbour.commit}`])
    expect(await runs.consumer.digest(`${runs.world.quay.host}/acme/app:${tag}`)).toBe(digest);
  await runs.consumer.checkEvidence(`${runs.world.quay.host}/acme/app@${digest}`, runs.trust());
});

test('a version tag on a commit that was never published turns the job red', async () => {
  const checkout = await commitAll(runs.harbour.directory, 'Not published');
  const payload = { ...pushOf(checkout), ref: 'refs/tags/v1.2.4' };
  const run = await runs.start({ template: 'ci_publish_quay.yml', event: 'push', payload, checkout });
  expect(run.jobs, run.log).toEqual({ promote: 'failure' });
  expect(await runs.consumer.tags(`${runs.world.quay.host}/acme/app`)).not.toContain('1.2.4');
});

test('a channel is moved by hand, and goes back to what it had before', async () => {
  const { image } = runs;
  const release = (version: string) =>
    runs.start({
      template: 'release-channel.yml',
      event: 'workflow_dispatch',
      payload: dispatch({ source: 'main', channel: 'prod', version }),
    });
  const first = await runs.consumer.digest(`${image}:main`);
  const released = await release('1.4.0');
  expect(released.jobs, released.log).toEqual({ promote: 'success' });
  for (const tag of ['prod', '1.4.0', '1.4', 'latest'])
    expect(await runs.consumer.digest(`${image}:${tag}`)).toBe(first);

  const checkout = await commitAll(runs.harbour.directory, 'Paint the hull');
  const pushed = await runs.start({
    template: 'ci_publish_ghcr.yml',
    event: 'push',
    payload: pushOf(checkout),
    checkout,
  });
  expect(pushed.jobs, pushed.log).toEqual({ pipeline: 'success' });
  const again = await release('1.5.0');
  expect(again.jobs, again.log).toEqual({ promote: 'success' });
  expect(await runs.consumer.digest(`${image}:prod`)).not.toBe(first);

  const back = await runs.start({
    template: 'rollback.yml',
    event: 'workflow_dispatch',
    payload: dispatch({ channel: 'prod', to: 'previous', reason: 'It takes in water' }),
  });
  expect(back.jobs, back.log).toEqual({ rollback: 'success' });
  expect(await runs.consumer.digest(`${image}:prod`)).toBe(first);
  expect(await runs.consumer.digest(`${image}:1.5.0`)).not.toBe(first);
});

test('a release publishes its commit under the version, and the second event finds it done', async () => {
  const checkout = await commitAll(runs.harbour.directory, 'Release it');
  const payload = { ...pushOf(checkout), ref: 'refs/tags/v2.0.0-rc.1' };
  const tagged = await runs.start({ template: 'release-image.yml', event: 'push', payload, checkout });
  expect(tagged.jobs, tagged.log).toEqual({ pipeline: 'success' });
  expect(tagged.outputs['pipeline/plimsoll']).toMatchObject({ resumed: 'false' });
  const { image } = runs;
  expect(await runs.consumer.digest(`${image}:2.0.0-rc.1`)).toBe(tagged.outputs['pipeline/plimsoll']?.['digest']);
  const release = { tag_name: 'v2.0.0-rc.1', prerelease: true, target_commitish: 'main' };
  const published = { action: 'published', release, repository: repositoryPayload() };
  const second = await runs.start({ template: 'release-image.yml', event: 'release', payload: published, checkout });
  expect(second.jobs, second.log).toEqual({ pipeline: 'success' });
  expect(second.outputs['pipeline/plimsoll']).toMatchObject({ resumed: 'true' });
  expect(await runs.consumer.digest(`${image}:latest`)).not.toBe(tagged.outputs['pipeline/plimsoll']?.['digest']);
});
