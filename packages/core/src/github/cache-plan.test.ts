import { describe, expect, it } from 'vitest';
import { type CacheMode, cachePlan, type CacheRequest } from './cache-plan.ts';
import { describeRef } from './context.ts';

type Run = CacheRequest['github'];

const on = (ref: string, change: Partial<Run> = {}): Run => ({
  ...describeRef(ref),
  defaultBranch: 'main',
  pullRequestNumber: undefined,
  isForkPullRequest: false,
  followsPullRequest: false,
  toolCacheDir: '/cache',
  ...change,
});

const MAIN = on('refs/heads/main');
const BRANCH = on('refs/heads/feature/x');
const TAG = on('refs/tags/v1.2.3');
const PULL = on('refs/pull/7/merge', { pullRequestNumber: 7 });
const AFTER = on('refs/heads/main', { followsPullRequest: true });
const FORK = { ...PULL, isForkPullRequest: true };
const image = { registry: 'ghcr.io', repository: 'acme/app' };

function plan(mode: CacheMode, github: Run, change: Partial<CacheRequest> = {}) {
  return cachePlan({ mode, image, part: [], github, hasService: true, ...change });
}

/** Names of the scopes, without their hashes. */
const names = (lines: readonly string[]) =>
  lines.map((line) => /(?:scope=|-cache:|build-cache\/)(.+?)-[0-9a-f]{8}(?:,|$)/.exec(line)?.[1]);

describe('caches', () => {
  it.each<[string, CacheMode, Run, string[], string[]]>([
    ['the default branch', 'auto', MAIN, ['main'], ['main']],
    ['a branch', 'auto', BRANCH, ['feature-x', 'main'], ['feature-x']],
    ['a pull request', 'auto', PULL, ['pr-7', 'main'], ['pr-7']],
    ['a fork', 'auto', FORK, ['pr-7', 'main'], ['pr-7']],
    ['a run that follows a pull request', 'auto', AFTER, ['main'], []],
    ['one that is to write', 'gha', AFTER, ['main'], []],
    ['a tag', 'auto', TAG, ['main'], []],
    ['a tag that is to write', 'gha', TAG, ['main'], ['main']],
    ['a tag with a registry', 'registry', TAG, ['main'], []],
    ['a tag with a directory', 'local', TAG, ['main'], []],
    ['a fork with a registry', 'registry', FORK, ['pr-7', 'main'], []],
    ['a branch with a directory', 'local', BRANCH, ['feature-x', 'main'], ['feature-x']],
    ['no cache', 'off', MAIN, [], []],
  ])('of %s', (_name, mode, github, from, to) => {
    const { from: read, to: write } = plan(mode, github);
    expect([names(read), names(write)]).toEqual([from, to]);
  });

  it('are left out where the runner has no service for them', () => {
    expect(plan('auto', MAIN, { hasService: false })).toEqual({ from: [], to: [] });
    expect(plan('registry', MAIN, { hasService: false }).to).toHaveLength(1);
  });

  it('hold every layer, and do not fail a build', () => {
    for (const mode of ['auto', 'gha', 'registry', 'local'] as const)
      expect(plan(mode, MAIN).to[0]).toContain('mode=max,ignore-error=true');
    expect(plan('registry', MAIN).to[0]).toMatch(/^type=registry,ref=ghcr\.io\/acme\/app-cache:main-/);
  });

  it('are apart for branches, images and platforms of like names', () => {
    const plans = [
      plan('gha', on('refs/heads/a/b')),
      plan('gha', on('refs/heads/a-b')),
      plan('gha', on('refs/heads/a-b'), { image: { ...image, repository: 'acme/other' } }),
      plan('gha', on('refs/heads/a-b'), { part: ['linux/arm64'] }),
      plan('gha', on('refs/heads/pr-7')),
      plan('gha', PULL),
    ];
    expect(new Set(plans.map(({ to }) => to[0])).size).toBe(plans.length);
  });
});
