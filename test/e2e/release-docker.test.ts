import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkoutHarbour, checkoutUnsafeTwin, commitAll } from '@plimsoll/testkit/demo/fixture';
import { pushEvent, repositoryPayload } from '@plimsoll/testkit/world/identity';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Callers, type StartedCaller } from '../support/callers.ts';

let callers: Callers;

beforeAll(async () => {
  callers = await Callers.open('release-docker.yml');
});
afterAll(() => callers?.world.close());

function start(started: Omit<StartedCaller, 'workflow'> = {}) {
  const variables = { REGISTRY: callers.world.ghcr.host, PROTOBUF: 'false', ...started.variables };
  return callers.start({ ...started, variables, workflow: 'ghcommon-release.yml' });
}

const dispatch = (inputs: Readonly<Record<string, string>>) => ({
  event: 'workflow_dispatch',
  payload: { ref: 'refs/heads/main', inputs, repository: repositoryPayload() },
});

test('an unsafe commit is red in the job of its platform, and nothing is uploaded', async () => {
  const checkout = await checkoutUnsafeTwin(callers.world.lifetime.folder('unsafe'));
  const run = await start({ checkout });
  expect(run.jobs, run.log).toMatchObject({ plan: 'success', shard: 'failure' });
  expect(run.jobs['merge'] ?? 'skipped').toBe('skipped');
  expect(callers.writes(0)).toEqual([]);
});

test('a push to the default branch gives every tag that ghcommon gives, latest too, behind one signature', async () => {
  const run = await start({ variables: { PROTOBUF: 'true' } });
  expect(run.jobs, run.log).toMatchObject({ plan: 'success', shard: 'success', merge: 'success', report: 'success' });
  expect(run.outputs['shard/protobuf']).toMatchObject({ name: 'protobuf-generated' });
  const said = run.outputs['report/outputs'] ?? {};
  expect(said).toMatchObject({ platforms: 'linux/amd64', 'should-build': 'true' });
  const { commit } = callers.harbour;
  const short = commit.slice(0, 7);
  const tags = ['latest', 'main', `main-${short}`, `sha-${commit}`, `sha-${short}`];
  expect((await callers.named()).toSorted()).toEqual(tags.toSorted());
  expect(said['tags']?.split('\n').toSorted()).toEqual(tags.map((tag) => `${callers.image}:${tag}`).toSorted());
  for (const tag of tags) expect(await callers.consumer.digest(`${callers.image}:${tag}`)).toBe(said['digest']);
  await callers.consumer.checkEvidence(`${callers.image}@${said['digest']}`, callers.trust);
});

test('a version names the same digest, and a draft of one moves nothing', async () => {
  const first = await callers.consumer.digest(`${callers.image}:latest`);
  const released = await start(dispatch({ version: 'v1.3.0' }));
  expect(released.jobs, released.log).toMatchObject({ merge: 'success' });
  for (const tag of ['1.3.0', '1.3', '1']) expect(await callers.consumer.digest(`${callers.image}:${tag}`)).toBe(first);

  const checkout = await commitAll(callers.harbour.directory, 'Paint the hull');
  const drafted = await start({ ...dispatch({ version: 'v1.4.0', draft: 'true' }), checkout });
  expect(drafted.jobs, drafted.log).toMatchObject({ merge: 'success' });
  const drawn = await callers.consumer.digest(`${callers.image}:1.4.0`);
  expect(drawn).not.toBe(first);
  for (const tag of ['1', 'latest', 'main'])
    expect(await callers.consumer.digest(`${callers.image}:${tag}`)).toBe(first);
});

test('a compose file that is of no use with this image is red before anything is built, where that is to be checked', async () => {
  const { directory } = await checkoutHarbour(callers.world.lifetime.folder('composed'));
  await writeFile(path.join(directory, 'compose.yaml'), 'services:\n  other:\n    image: example.com/other:1\n');
  const checkout = await commitAll(directory, 'Sail with others');
  const before = callers.world.ghcr.front.requests.length;
  const run = await start({ checkout, variables: { CHECK_COMPOSE: 'true' } });
  expect(run.jobs, run.log).toMatchObject({ plan: 'success', shard: 'failure' });
  expect(run.log).toMatch(/compose-mismatch|tool-missing/);
  expect(callers.writes(before)).toEqual([]);
});

test('a repository without a Dockerfile is green, and says that there was nothing to build', async () => {
  const bare = await checkoutHarbour(callers.world.lifetime.folder('bare'));
  await rm(path.join(bare.directory, 'Dockerfile'));
  const checkout = await commitAll(bare.directory, 'Ship no image');
  const before = callers.world.ghcr.front.requests.length;
  const payload = pushEvent({ sha: checkout.commit });
  const run = await start({ checkout, payload });
  expect(run.jobs, run.log).toMatchObject({ plan: 'success', report: 'success' });
  expect(run.jobs['shard'] ?? 'skipped').toBe('skipped');
  expect(run.outputs['report/outputs']).toMatchObject({ 'should-build': 'false', digest: '' });
  expect(callers.writes(before)).toEqual([]);
});
