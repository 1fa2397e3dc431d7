import { describe, expect, it } from 'vitest';
import { digestOf } from '../oci/digest.ts';
import { parsePolicy } from './load.ts';
import { resolveRetention } from './retention.ts';
import { judgeVersions, type PackageVersion } from './retention-rules.ts';
import { releaseOf } from './release.ts';
import { compileTagPattern, matchingPattern } from './tag-pattern.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-06-01T00:00:00Z');

/** Versions `ageInDays: tags`, oldest id first. */
function versions(...list: readonly (readonly [number, ...string[]])[]): PackageVersion[] {
  return list.map(([age, ...tags], index) => ({
    id: index + 1,
    digest: digestOf(Buffer.from(`${index}`)),
    createdAt: NOW - age * DAY,
    tags,
  }));
}

/** The rules as a user writes them, over those versions: what each comes to, in order. */
function judge(text: string, list: readonly PackageVersion[], name = 'acme/app'): string[] {
  const { retention } = parsePolicy(text, 'policy.yml');
  const { verdicts } = judgeVersions(list, resolveRetention(retention, name), { now: NOW });
  return list.map((version) => `${verdicts.get(version.id)?.is} ${verdicts.get(version.id)?.rule}`);
}

const channel = (rule: string) => `retention: { channels: [${rule}] }`;

describe('defaults', () => {
  it('keep releases, the newest 30 of prod, 15 nightlies, 15 of dev, and untagged versions for two days', () => {
    const branches = Array.from({ length: 31 }, (_, n) => [100 - n, `feature-${n}`] as const);
    const nightlies = Array.from({ length: 16 }, (_, n) => [100 - n, `nightly-${n}`] as const);
    const commits = Array.from({ length: 16 }, (_, n) => [100 - n, `sha-${n}`, `pr-${n}`] as const);
    const list = versions(...branches, ...nightlies, ...commits, [900, '1.2.3', 'sha-x'], [900, 'latest'], [3], [1]);
    const verdicts = judge('', list);
    const doomed = list.filter((_, index) => verdicts[index]?.startsWith('doom'));
    expect(doomed.map(({ tags }) => tags[0])).toEqual(['feature-0', 'nightly-0', 'sha-0', undefined]);
    expect(verdicts.slice(-4)).toEqual([
      'keep prod/semver-all',
      'keep protect/latest',
      'doom untagged/expired',
      'keep untagged/young',
    ]);
  });

  it('count a version that carries only throw-away tags as dev, and no other', () => {
    const rule = channel(
      '{ name: a, match: ["*", "!sha-*"], keep: all }, { name: dev, match: [sha-*], keep: { last: 1 } }',
    );
    const list = versions([3, 'sha-1'], [2, 'main-1', 'sha-2'], [1, 'main-2', 'sha-3']);
    expect(judge(rule, list)).toEqual(['keep dev/last-1', 'keep a/all', 'keep a/all']);
  });
});

describe('rules', () => {
  it('take a tag for what it is, never the digest', () => {
    expect(judge(channel('{ name: x, match: ["/sha256.*/"], keep: { last: 0 } }'), versions([9, 'v1']))).toEqual([
      'keep no-channel',
    ]);
  });

  it('keep what is younger, and the newest of those that are not', () => {
    const rule = (keep: string) => channel(`{ name: dev, match: [dev-*], keep: ${keep} }`);
    const list = versions([9, 'dev-1'], [5, 'dev-2'], [2, 'dev-3'], [1, 'dev-4']);
    const kept = (keep: string) => judge(rule(keep), list).map((verdict) => verdict.split(' ')[0]);
    expect(kept('{ younger-than: 3d }')).toEqual(['doom', 'doom', 'keep', 'keep']);
    expect(kept('{ last: 3, younger-than: 36h }')).toEqual(['doom', 'keep', 'keep', 'keep']);
  });

  it('let no count and no age take an image without a date, nor what the registry holds', () => {
    const rule = channel('{ name: dev, match: [dev-*], keep: { last: 1 } }');
    const [undated, newer, older, held] = versions([0, 'dev-1'], [1, 'dev-2'], [2, 'dev-3'], [9, 'dev-4']) as [
      PackageVersion,
      PackageVersion,
      PackageVersion,
      PackageVersion,
    ];
    const list = [{ ...undated, ageless: true as const }, newer, older, { ...held, held: 'quay/immutable' }];
    expect(judge(rule, list)).toEqual([
      'keep dev/age-unknown',
      'keep dev/last-1',
      'doom dev/expired',
      'keep quay/immutable',
    ]);
  });

  it('keep the highest release of each line', () => {
    const list = versions([9, 'v1.2.9'], [8, 'v1.2.10'], [7, '1.3.0-rc.1'], [6, '2.0.0'], [5, 'v1.3.0']);
    const kept = (mode: string) =>
      judge(channel(`{ name: r, match: ["*"], keep: { semver: ${mode} } }`), list).map((verdict) =>
        verdict.startsWith('keep'),
      );
    expect(kept('newest-per-minor')).toEqual([false, true, false, true, true]);
    expect(kept('newest-per-major')).toEqual([false, false, false, true, true]);
    expect(kept('all')).toEqual([true, true, true, true, true]);
  });

  it('keep a fix for an older line that is younger than its replacement', () => {
    const list = versions([9, 'v1.2.0'], [8, 'v1.3.0'], [2, 'v1.2.1'], [7, 'v1.2.9'], [6, '2.0.0']);
    const kept = (more: string) =>
      judge(channel(`{ name: r, match: ["*"], keep: { semver: newest-per-major${more} } }`), list);
    expect(kept(', younger-than-replacement: true')).toEqual([
      'doom r/expired',
      'keep r/semver-newest-per-major',
      'keep r/younger-than-replacement',
      'keep r/younger-than-replacement',
      'keep r/semver-newest-per-major',
    ]);
    expect(kept('').filter((verdict) => verdict.startsWith('keep'))).toHaveLength(2);
  });

  it.each([
    ['pull-request-open', 'pr-7', true],
    ['pull-request-open', 'pr-7-3f2a', true],
    ['pull-request-open', 'app-pull-7', true],
    ['pull-request-open', 'pr-8', false],
    ['pull-request-open', 'pr-77', false],
    ['pull-request-open', 'pr-next', true],
    ['branch-exists', 'feature-x', true],
    ['branch-exists', 'feature-x-3f2a', true],
    ['branch-exists', 'branch-feature-x', true],
    ['branch-exists', 'feature-xy', false],
    ['branch-exists', 'feature', false],
  ] as const)('while %s: %s is kept: %s', (kind, tag, expected) => {
    const { retention } = parsePolicy(channel(`{ name: e, match: ["*"], keep: { while: ${kind} } }`), 'policy.yml');
    const policy = resolveRetention(retention, 'acme/app');
    const ephemera = { openPullRequests: new Set([7]), branches: ['main', 'feature/x'] };
    const is = (more: object) => judgeVersions(versions([9, tag]), policy, { now: NOW, ...more }).verdicts.get(1)?.is;
    expect([is({ ephemera }) === 'keep', is({})]).toEqual([expected, 'keep']);
  });

  it('break ties of the same second by id, in whatever order the list comes', () => {
    const list = versions([1, 'a-1'], [1, 'a-2'], [1, 'a-3']);
    const rule = channel('{ name: a, match: [a-*], keep: { last: 1 } }');
    expect(judge(rule, list)).toEqual(['doom a/expired', 'doom a/expired', 'keep a/last-1']);
    expect(judge(rule, list.toReversed())).toEqual(['keep a/last-1', 'doom a/expired', 'doom a/expired']);
  });

  it('never let evidence take a place or be judged', () => {
    const evidence = `sha256-${'a'.repeat(64)}`;
    const list = versions([9, 'a-1'], [1, `${evidence}.sig`], [1, evidence], [1, `${evidence}.att`, 'a-2']);
    expect(judge(channel('{ name: a, match: ["*"], keep: { last: 2 } }'), list)).toEqual([
      'keep a/last-2',
      'follow evidence/follows-subject',
      'follow evidence/follows-subject',
      'keep a/last-2',
    ]);
  });

  it('give a package its own rules, and add up protection', () => {
    const text = `
retention:
  protect: { tags: [keep-*] }
  untagged: { delete-after: 1d }
  packages:
    - { match: [acme/tools-*], untagged: { delete-after: never }, protect: { tags: [also-*] }, channels: [{ name: x, match: ["*"], keep: { last: 0 } }] }`;
    const list = versions([9], [9, 'keep-1'], [9, 'also-1']);
    expect(judge(text, list)).toEqual(['doom untagged/expired', 'keep protect/keep-*', 'keep prod/last-30']);
    expect(judge(text, list, 'acme/tools-x')).toEqual([
      'keep untagged/never',
      'keep protect/keep-*',
      'keep protect/also-*',
    ]);
  });

  it('name the policy by its rules and not by its guards', () => {
    const digest = (text: string) => resolveRetention(parsePolicy(text, 'p').retention, 'acme/app').digest;
    expect(digest('retention: { guards: { max-deletes: 3 } }')).toBe(digest(''));
    expect(digest('retention: { untagged: { delete-after: 3d } }')).not.toBe(digest(''));
  });
});

describe('mistakes', () => {
  it.each([
    channel('{ name: x, match: ["v[abc"], keep: { last: 1 } }'),
    channel('{ name: x, match: ["/(/"], keep: { last: 1 } }'),
    channel('{ name: x, match: ["semver:nonsense"], keep: { last: 1 } }'),
    channel('{ name: x, match: ["a b"], keep: { last: 1 } }'),
    channel('{ name: x, match: [], keep: { last: 1 } }'),
    channel('{ name: x, match: ["*"], keep: {} }'),
    channel('{ name: x, match: ["*"], keep: { lsat: 1 } }'),
    channel('{ name: x, match: ["*"], keep: { last: -1 } }'),
    channel('{ name: x, match: ["*"] }'),
    channel('{ name: x, match: ["*"], keep: all }, { name: x, match: ["*"], keep: all }'),
    'retention: { untagged: { delete-after: 2 days } }',
    'retention: { untagged: { delete-after: 2 } }',
    'retention: { protect: { digests: [sha256:abc] } }',
    'retention: { guards: { max-percent: 101 } }',
    'retention: { rules: [] }',
    channel('{ name: x, match: ["*"], keep: { last: 1, younger-than-replacement: true } }'),
    channel('{ name: x, match: ["*"], keep: { while: true } }'),
    'retention: { protect: { files: [""] } }',
    'retention: { protect: { deployments: { environments: [] } } }',
    'retention: { protect-from: ["quay.io/acme/app:v1"] }',
  ])('H29 refuses %s', (text) => {
    expect(() => parsePolicy(text, 'policy.yml')).toThrow(expect.objectContaining({ code: 'policy-invalid' }));
  });
});

describe('patterns', () => {
  it.each([
    ['v*', 'v1', true],
    ['v*', 'dev1', false],
    ['v?.0', 'v1.0', true],
    ['v?.0', 'v1x0', false],
    ['[a-c]-x', 'b-x', true],
    ['[!a-c]-x', 'b-x', false],
    ['/v\\d+/', 'v12', true],
    ['/v\\d+/', 'v12-rc', false],
    ['semver:>=1.2.0', 'v1.10.0', true],
    ['semver:*', '20260101', false],
  ])('%s on %s is %s', (pattern, tag, expected) => {
    expect(compileTagPattern(pattern).test(tag)).toBe(expected);
  });

  it('let the last match decide', () => {
    const patterns = ['*', '!v*', 'v2*'].map(compileTagPattern);
    expect(['x', 'v1', 'v2.1'].map((tag) => matchingPattern(patterns, tag)?.text)).toEqual(['*', undefined, 'v2*']);
  });

  it.each([
    ['v1.2.3', '1.2.3'],
    ['24.04', '24.4.0'],
    ['1.0.0-rc.1', '1.0.0-rc.1'],
    ['1', undefined],
    ['1.2.3.4', undefined],
    ['1.2.3-', undefined],
    ['latest', undefined],
  ])('%s is the release %s', (tag, expected) => {
    expect(releaseOf(tag)?.version).toBe(expected);
  });
});
