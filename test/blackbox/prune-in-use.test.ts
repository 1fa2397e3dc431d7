import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { failureCode, type PruneBed, startPruneBed } from '@plimsoll/testkit/github/prune-bed';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let bed: PruneBed;
let world: PruneBed['world'];
let registry: PruneBed['registry'];
let shapes: PruneBed['shapes'];
let prune: PruneBed['prune'];
beforeEach(async () => {
  bed = await startPruneBed();
  ({ world, registry, shapes, prune } = bed);
});

afterEach(() => bed[Symbol.asyncDispose]());

describe('prune, of what is in use elsewhere', () => {
  const GITHUB_POLICY = `
retention:
  channels:
    - { name: pr, match: [pr-*], keep: { while: pull-request-open } }
    - { name: branch, match: [branch-*], keep: { while: branch-exists } }
    - { name: dev, match: [dev-*, sha-*], keep: { last: 0 } }
  protect:
    files: [deploy/*.yaml]
    deployments: { environments: [production], keep: 1 }
  guards: { max-percent: 100 }
`;
  const COMMIT = 'c0ffee'.repeat(6) + 'c0ff';
  const answers = new Map<string, unknown>();

  /** Images in use and one that is not, and what GitHub says of them. */
  function inUse() {
    world.github.setFile('acme/app', '.github/plimsoll.yml', GITHUB_POLICY);
    const kept = ['pr-7', 'branch-feature-x', `sha-${COMMIT}`, 'dev-failed', 'dev-pinned'];
    const gone = ['pr-8', 'branch-old', 'dev-free', 'dev-before'];
    for (const tag of [...kept, ...gone]) shapes.multiPlatform(tag, { tags: [tag] });
    const cwd = path.join(world.directory, 'checkout');
    mkdirSync(path.join(cwd, 'deploy'), { recursive: true });
    writeFileSync(path.join(cwd, 'deploy', 'app.yaml'), `image: ${registry.host}/acme/app:dev-pinned\n`);
    const deployment = (id: number, more: object) => ({
      id,
      sha: '0'.repeat(40),
      ref: 'main',
      payload: {},
      description: null,
      ...more,
    });
    answers.set('pulls', [{ number: 7 }]);
    answers.set('branches', [{ name: 'main' }, { name: 'feature/x' }]);
    answers.set('deployments', [
      deployment(3, { payload: { image: `${registry.host}/acme/app:dev-failed` } }),
      deployment(2, { sha: COMMIT }),
      deployment(1, { ref: 'dev-before' }),
    ]);
    answers.set('statuses', [{ state: 'failure' }]);
    world.github.intercept = ({ path: at }) => {
      const name = /^\/repos\/acme\/app\/(?:deployments\/(\d+)\/)?(\w+)\?/.exec(at);
      const body = name?.[1] === '2' ? [{ state: 'success' }] : answers.get(name?.[2] ?? '');
      return body === undefined ? undefined : { status: 200, body };
    };
    return { cwd, kept, gone };
  }

  const planIn = (cwd: string) => prune({}, { cwd });

  it('keeps pins, deployments, open pull requests and branches', async () => {
    const { cwd, kept, gone } = inUse();
    const run = await planIn(cwd);
    expect([run.exitCode, failureCode(run)]).toEqual([0, undefined]);
    const plan = JSON.parse(readFileSync(run.outputs['plan'] ?? '', 'utf8')) as {
      delete: { tags: string[] }[];
      keep: { tags: string[]; rule: string }[];
    };
    const tagsOf = (items: readonly { tags: string[] }[]) => items.flatMap((item) => item.tags).toSorted();
    expect([tagsOf(plan.delete), tagsOf(plan.keep)]).toEqual([gone.toSorted(), kept.toSorted()]);
    const rules = new Map(plan.keep.map((item) => [item.tags[0], item.rule]));
    expect(kept.map((tag) => rules.get(tag))).toEqual([
      'pr/pull-request-open',
      'branch/branch-exists',
      'protect/deployed-to-production',
      'protect/deployed-to-production',
      'protect/file deploy/app.yaml',
    ]);
  });

  it.each(['pulls', 'branches', 'deployments', 'statuses'])('stops when GitHub does not show the %s', async (name) => {
    const { cwd } = inUse();
    const honest = world.github.intercept;
    world.github.intercept = (request) =>
      request.path.includes(`/${name}?`)
        ? { status: 403, body: { message: 'Resource not accessible by integration' } }
        : honest?.(request);
    const run = await planIn(cwd);
    expect([run.exitCode, failureCode(run)]).toEqual([1, 'github-denied']);
    expect(run.shown).toMatch(/pull-requests: read|deployments: read/);
  });

  it('stops without the checkout that holds the files, and when a repository has no branches', async () => {
    const { cwd } = inUse();
    expect(failureCode(await prune())).toBe('file-unreadable');
    answers.set('branches', []);
    expect(failureCode(await planIn(cwd))).toBe('github-protocol');
  });
});
