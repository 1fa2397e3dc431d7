import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import type { ActionRun } from '@plimsoll/testkit/runner/run-action';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AMD64, ARM64, ELSEWHERE, ShardJobs, type Variables } from '../support/shard-jobs.ts';

let jobs: ShardJobs;

beforeAll(async () => {
  jobs = await ShardJobs.start();
});
afterAll(() => jobs?.world.close());

function ended(step: ActionRun): ActionRun {
  expect(codeOf(step), step.log).toBeUndefined();
  return step;
}

describe('an image of parts', () => {
  it('does not leave the job that built it before that part has passed its scan', async () => {
    const arm64 = await jobs.shard('unsafe', ARM64, { env: ELSEWHERE, musl: '1.2.5-r0' });
    expect(codeOf(arm64), arm64.log).toBe('scan-failed');
    expect(arm64.outputs).toMatchObject({ outcome: 'fail', pushed: 'false' });
    expect(arm64.outputs['digest'] ?? '').toBe('');
    expect(jobs.registry.writes('acme/unsafe')).toEqual([]);
    // A job that failed has no digest to give: there is nothing to merge.
    expect(codeOf(await jobs.merge('unsafe', { arm64: '' }))).toBe('shard-missing');
    expect(jobs.registry.writes('acme/unsafe')).toEqual([]);
  });

  it('is held to the same by the build action alone', async () => {
    const part = (name: string, inputs: Variables, musl?: string) =>
      jobs.run({ name, inputs: { mode: 'shard', platforms: AMD64, ...inputs }, action: 'build' }, musl);
    const unsafe = await part('unsafe-alone', {}, '1.2.5-r0');
    expect([codeOf(unsafe), jobs.registry.writes('acme/unsafe-alone')]).toEqual(['scan-failed', []]);
    expect(unsafe.outputs).toMatchObject({ outcome: 'fail' });
    expect(unsafe.outputs['digest'] ?? '').toBe('');
    expect(unsafe.summary).toContain('CVE-');
    const blind = await part('blind', { 'trivy-db': `${jobs.world.ghcr.host}/acme/nothing:2` });
    expect([codeOf(blind), jobs.registry.writes('acme/blind')]).toEqual(['scan-incomplete', []]);
    const safe = ended(await part('safe-alone', {}));
    expect(safe.outputs).toMatchObject({ outcome: 'pass', pushed: 'true' });
    expect(safe.summary).toMatch(/\| Took \| build .* s, scan .* s, publish .* s \|/);
    const without = { scan: 'false', 'trivy-db': '', 'osv-db': '' };
    const trusting = ended(await part('trusting', without, '1.2.5-r0')).outputs;
    expect([trusting['pushed'], trusting['outcome']]).toEqual(['true', undefined]);
  });

  it('is merged also where the registry needs a moment to show a part', async () => {
    const amd64 = ended(await jobs.shard('late', AMD64)).outputs['digest'] ?? '';
    const arm64 = ended(await jobs.shard('late', ARM64, { env: ELSEWHERE })).outputs['digest'] ?? '';
    let hidden = 4;
    jobs.registry.set('acme/late', ({ path: asked }) => {
      if (!asked.endsWith(arm64) || hidden === 0) return undefined;
      hidden -= 1;
      return { status: 404, body: { errors: [{ code: 'MANIFEST_UNKNOWN' }] } };
    });
    const merged = ended(await jobs.merge('late', { amd64, arm64 }));
    expect(hidden).toBe(0);
    expect(merged.outputs).toMatchObject({ outcome: 'pass', pushed: 'true' });
  });

  it('is not merged from half of them', async () => {
    const amd64 = ended(await jobs.shard('half', AMD64));
    const step = await jobs.merge('half', { amd64: amd64.outputs['digest'] ?? '', arm64: '' });
    expect(codeOf(step)).toBe('shard-missing');
    expect(jobs.registry.tagWrites('acme/half')).toEqual([]);
  });

  it('is not merged from two commits', async () => {
    const amd64 = ended(await jobs.shard('mixed', AMD64));
    const other = { GITHUB_SHA: 'd'.repeat(40), ...jobs.world.sigstore.claims({ sha: 'd'.repeat(40) }) };
    const arm64 = ended(await jobs.shard('mixed', ARM64, { env: other }));
    const shards = { amd64: amd64.outputs['digest'] ?? '', arm64: arm64.outputs['digest'] ?? '' };
    expect(codeOf(await jobs.merge('mixed', shards))).toBe('shard-mismatch');
    expect(jobs.registry.tagWrites('acme/mixed')).toEqual([]);
  });
});
