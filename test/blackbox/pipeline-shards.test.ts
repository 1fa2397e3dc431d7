import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import type { ActionRun } from '@plimsoll/testkit/runner/run-action';
import { DEFAULT_IDENTITY, pushEvent, repositoryPayload } from '@plimsoll/testkit/world/identity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AMD64, ARM64, BOTH, ELSEWHERE, ShardJobs } from '../support/shard-jobs.ts';

let jobs: ShardJobs;

beforeAll(async () => {
  jobs = await ShardJobs.start();
});
afterAll(() => jobs?.world.close());

function ended(step: ActionRun): ActionRun {
  expect(codeOf(step), step.log).toBeUndefined();
  return step;
}

describe('an image whose platforms are built on two builders', () => {
  it('is scanned in parts, uploaded without a tag, then merged, signed and tagged as one', async () => {
    const amd64 = ended(await jobs.shard('apart', AMD64));
    const arm64 = ended(await jobs.shard('apart', ARM64, { env: ELSEWHERE }));
    for (const { outputs } of [amd64, arm64])
      expect(outputs).toMatchObject({ outcome: 'pass', pushed: 'true', tags: '' });
    expect(jobs.registry.tagWrites('acme/apart')).toEqual([]);
    const shards = { amd64: amd64.outputs['digest'] ?? '', arm64: arm64.outputs['digest'] ?? '' };
    const merged = ended(await jobs.merge('apart', shards));
    const commitTag = `sha-${DEFAULT_IDENTITY.sha}`;
    expect(merged.outputs).toMatchObject({ outcome: 'pass', pushed: 'true', tags: `${commitTag}\nmain` });
    expect(Object.keys(JSON.parse(merged.outputs['platform-digests'] ?? '') as object)).toEqual([AMD64, ARM64]);
    expect(Object.keys(JSON.parse(merged.outputs['sboms'] ?? '') as object)).toEqual([AMD64, ARM64]);
    // Once it has its tag, every job of a repeated run takes it.
    const again = ended(await jobs.shard('apart', AMD64));
    expect(again.outputs).toMatchObject({ resumed: 'true', pushed: 'true' });
    expect(again.outputs['digest'] ?? '').toBe('');
    expect(ended(await jobs.merge('apart', { amd64: '' })).outputs['digest']).toBe(merged.outputs['digest']);
  });

  it('of a pull request is built and scanned, and the merge has nothing to do', async () => {
    const head = { repo: repositoryPayload('stranger/app') };
    const event = { ...pushEvent(), pull_request: { number: 7, head } };
    const env = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/7/merge' };
    const built = ended(await jobs.run({ name: 'request', inputs: { mode: 'shard', platforms: AMD64 }, env, event }));
    expect(built.outputs).toMatchObject({ outcome: 'pass', pushed: 'false' });
    const merged = ended(
      await jobs.run({
        name: 'request',
        inputs: { mode: 'merge', platforms: BOTH, shards: '{"amd64": ""}' },
        env,
        event,
      }),
    );
    expect(merged.outputs['pushed']).toBe('false');
    expect(jobs.registry.requests('acme/request')).toEqual([]);
  });
});

describe('a dry run', () => {
  it('says which runner builds which platform', async () => {
    const inputs = { platforms: `${BOTH},linux/s390x`, runners: 'linux/s390x=zlinux', 'dry-run': 'true' };
    const step = ended(await jobs.run({ name: 'planned', inputs }));
    const matrix = JSON.parse(step.outputs['matrix'] ?? '') as { include: object[] };
    expect(matrix.include).toEqual([
      { platform: AMD64, runner: 'ubuntu-24.04', name: 'linux-amd64' },
      { platform: ARM64, runner: 'ubuntu-24.04-arm', name: 'linux-arm64' },
      { platform: 'linux/s390x', runner: 'zlinux', name: 'linux-s390x' },
    ]);
    expect(JSON.parse(step.outputs['plan'] ?? '')).toMatchObject({ matrix });
  });
});
