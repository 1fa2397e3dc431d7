import { readFileSync } from 'node:fs';
import { noCredentials } from '@plimsoll/core/oci/auth/credentials';
import type { Digest } from '@plimsoll/core/oci/digest';
import { recordReferrer } from '@plimsoll/core/oci/promotion-record';
import { attachReferrers } from '@plimsoll/core/oci/referrers';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import { DatedImages } from '@plimsoll/testkit/registry/dated-image';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { distributionOnPort } from '@plimsoll/testkit/world/registry/distribution';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const POLICY = `
retention:
  channels:
    - { name: dev, match: [dev-*], keep: { last: 0 } }
  protect:
    git:
      - { repository: acme/deploy, refs: [main, release/*], files: ["deploy/**/*.yaml"] }
    history: { keep: 1 }
  guards: { max-percent: 100 }
`;

const code = ({ annotations }: ActionRun) =>
  annotations.find(({ level }) => level === 'error')?.title?.replace('Plimsoll ', '');
const created = new Date(Date.now() - 30 * 86_400_000);

let world: World;
let repository: Repository;
let name: string;
const at = new Map<string, Digest>();

beforeAll(async () => {
  world = await startWorld({ parts: ['github'], tools: ['registry'] });
  const registry = await distributionOnPort(world.lifetime, world.tools.registry ?? '', {
    name: 'roots',
    deletes: true,
  });
  name = `${registry}/acme/app`;
  repository = new Registries({ credentials: noCredentials }).repository({ registry, repository: 'acme/app' }, 'push');
  world.github.setFile('acme/app', '.github/plimsoll.yml', POLICY);
  const images = new DatedImages(repository);
  for (const seed of ['before', 'earlier', 'pinned', 'released', 'free'])
    at.set(seed, await images.single({ seed, created, tags: [`dev-${seed}`] }));
  at.set('now', await images.single({ seed: 'now', created, tags: ['prod'] }));
  const earlier = await promoted('earlier');
  const before = await promoted('before', earlier);
  await promoted('now', before);
  const files = { 'release/2': `image: ${name}:dev-released`, main: `image: ${name}@${at.get('pinned')}` };
  for (const [ref, content] of Object.entries(files))
    world.github.repositories.setFileAt({ repository: 'acme/deploy', ref, path: 'deploy/prod/app.yaml', content });
});
afterAll(() => world.close());

/** Leaves the record of a promotion to `prod`. */
async function promoted(seed: string, previous?: { digest: Digest; record: Digest }) {
  const subject = await repository.resolve(at.get(seed) ?? '');
  if (subject === undefined) throw new Error(`${seed} was not pushed`);
  const moves = [previous === undefined ? { tag: 'prod' } : { tag: 'prod', previous }];
  const record = { repository: name, digest: subject.digest, moves, at: new Date().toISOString(), by: 'octocat' };
  const [attached] = await attachReferrers(repository, subject, [recordReferrer(record)]);
  return { digest: subject.digest, record: attached?.digest ?? subject.digest };
}

function plan(inputs: Record<string, string> = {}, event?: Record<string, unknown>): Promise<ActionRun> {
  const change = event === undefined ? {} : { env: { GITHUB_EVENT_NAME: 'pull_request' }, event };
  return runAction({ action: 'prune', inputs: { package: name, ...inputs }, world, ...change });
}

function planned(run: ActionRun) {
  const read = JSON.parse(readFileSync(run.outputs['plan'] ?? '', 'utf8')) as {
    delete: { digest: string }[];
    keep: { digest: string; rule: string }[];
  };
  return {
    doomed: read.delete.map(({ digest }) => digest),
    rules: new Map(read.keep.map((one) => [one.digest, one.rule])),
  };
}

describe('what is in use', () => {
  it('is what git refs name, and what a channel pointed to before', async () => {
    const run = await plan();
    expect([run.exitCode, code(run)]).toEqual([0, undefined]);
    const { doomed, rules } = planned(run);
    expect(['pinned', 'released', 'before'].map((seed) => rules.get(at.get(seed) ?? ''))).toEqual([
      'protect/git acme/deploy@main:deploy/prod/app.yaml',
      'protect/git acme/deploy@release/2:deploy/prod/app.yaml',
      'protect/history-of-prod',
    ]);
    expect(['free', 'earlier'].every((seed) => doomed.includes(at.get(seed) ?? ''))).toBe(true);
  });

  it('stops when it cannot be told', async () => {
    world.github.repositories.unreadable.add('acme/deploy');
    const run = await plan({ mode: 'apply' });
    world.github.repositories.unreadable.delete('acme/deploy');
    expect([run.exitCode, code(run)]).toEqual([1, 'file-unreadable']);
    expect(run.shown).toContain('contents: read');
  });
});

describe('the comment on a pull request', () => {
  const pull = { number: 7, pull_request: { number: 7, head: { repo: { full_name: 'acme/app' } } } };

  it('has the plan, and is brought up to date', async () => {
    await plan({ 'pr-comment': 'true' }, pull);
    await plan({ 'pr-comment': 'true' }, pull);
    const [comment, ...rest] = world.github.comments.all;
    expect([comment?.pullRequest, rest]).toEqual([7, []]);
    expect(comment?.body).toContain('Prune plan');
    expect(comment?.body).toContain('dev-free');
  });

  it('is only a warning without the permission, and nothing unless asked for', async () => {
    world.github.comments.readOnly = true;
    world.github.comments.all.splice(0);
    const run = await plan({ 'pr-comment': 'true' }, pull);
    expect(run.exitCode).toBe(0);
    expect(run.annotations.some(({ message }) => message.includes('pull-requests: write'))).toBe(true);
    world.github.comments.readOnly = false;
    await plan({}, pull);
    await plan({ 'pr-comment': 'true' });
    expect(world.github.comments.all).toEqual([]);
  });
});
