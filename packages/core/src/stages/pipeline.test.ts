import { describe, expect, it } from 'vitest';
import type { Digest } from '../oci/digest.ts';
import { PlimsollError } from '../runtime/errors.ts';
import { silentLog } from '../runtime/log.ts';
import type { BuiltImage } from './build.ts';
import { pipeline } from './pipeline.ts';
import type { PipelineMember, PipelineRequest } from './pipeline/member.ts';
import type { PublishResult } from './publish.ts';
import type { ScanResult } from './scan.ts';
import type { Outcome } from './scan/verdict.ts';
import type { SignResult } from './sign.ts';
import type { SmokeResult } from './smoke/judgement.ts';
import type { VerifyReport } from './verify.ts';

const COMMIT = 'sha-1';
const NEEDS = { base: [], runtime: ['base'], one: ['runtime'], two: ['runtime'] } as const;
const NAMES = Object.keys(NEEDS) as (keyof typeof NEEDS)[];
const digestOf = (name: string) => `sha256:${Buffer.from(name).toString('hex').padEnd(64, '0')}` as Digest;

interface Options {
  readonly request?: Partial<PipelineRequest>;
  /** `stage name`, such as `scan base`. */
  readonly failing?: readonly string[];
  /** Members whose commit has a tag. */
  readonly published?: readonly string[];
  /** What scans found, where that is no pass of what was built. */
  readonly scanned?: Readonly<Record<string, ScanResult>>;
  readonly smoked?: Readonly<Record<string, readonly SmokeResult[]>>;
}

/** What a scan says that does not throw. */
function scanOf(outcome: Outcome, digest: Digest | undefined): ScanResult {
  const report = { image: 'x', outcome, digest, problems: [], judgement: { blocking: [] } };
  return { outcome, report } as unknown as ScanResult;
}

/** The family, on stages that say what they were asked, in order. */
function family({ request = {}, failing = [], published = [], scanned = {}, smoked = {} }: Options) {
  const calls: string[] = [];
  const stage =
    <T>(kind: string, name: string, result: T) =>
    async () => {
      calls.push(`${kind} ${name}`);
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (!failing.includes(`${kind} ${name}`)) return result;
      throw new PlimsollError('scan-failed', `${kind} said no`, { hint: 'do better' });
    };
  const members = NAMES.map((name): PipelineMember => {
    const digest = digestOf(name);
    const found = published.includes(name) ? { mediaType: 'x', digest, size: 1 } : undefined;
    return {
      name,
      needs: NEEDS[name],
      request: {
        commitTag: COMMIT,
        tags: [
          { name: COMMIT, class: 'immutable' },
          { name: 'main', class: 'moving' },
        ],
        push: true,
        sign: true,
        unsignedTags: false,
        leaveMovingTags: false,
        ...request,
      },
      ports: {
        repository: { label: name, resolve: () => Promise.resolve(found) },
        requireIdentity: () => undefined,
        build: (bases) => {
          const on = bases.map((base) => ` on ${base.digest === digestOf(base.name) ? base.name : 'another'}`);
          return stage(`build${on.join('')}`, name, { digest } as BuiltImage)();
        },
        scan: stage('scan', name, scanned[name] ?? scanOf('pass', digest)),
        smoke: stage('smoke', name, smoked[name] ?? []),
        publish: stage('publish', name, {} as PublishResult),
        sign: stage('sign', name, {} as SignResult),
        verify: stage('verify', name, {} as VerifyReport),
        leaveIntent: stage('intent', name, undefined),
        stopped: (by) => void calls.push(`${by} stopped ${name}`),
        log: silentLog,
      },
    };
  });
  const tags: string[] = [];
  const running = pipeline(members, {
    tag: (images) => {
      calls.push('tag');
      for (const each of images) tags.push(...each.tags.map((tag) => `${each.name}:${tag.name}`));
      return Promise.resolve(images.map(() => []));
    },
    concurrency: 2,
    log: silentLog,
  });
  return { calls, tags, running, kinds: (kind: string) => calls.filter((call) => call.startsWith(kind)) };
}

describe('a family', () => {
  it('is built from the bottom, each on the digest below it, and goes from stage to stage as one', async () => {
    const { running, calls, tags } = family({});
    const results = await running;
    expect(results.map(({ name, digest }) => [name, digest])).toEqual(NAMES.map((name) => [name, digestOf(name)]));
    expect(calls.slice(0, 4)).toEqual(['build base', 'scan base', 'smoke base', 'build on base runtime']);
    const last = (kind: string) => calls.findLastIndex((call) => call.startsWith(kind));
    expect(last('scan')).toBeLessThan(calls.findIndex((call) => call.startsWith('publish')));
    expect(last('publish')).toBeLessThan(calls.findIndex((call) => call.startsWith('sign')));
    expect(last('verify')).toBeLessThan(calls.indexOf('tag'));
    expect(tags.filter((tag) => tag.endsWith(COMMIT))).toEqual(NAMES.map((name) => `${name}:${COMMIT}`));
  });

  it('with an image that does not start is scanned all the same, and nothing of it is uploaded', async () => {
    const { running, kinds } = family({ failing: ['smoke base'] });
    await expect(running).rejects.toThrow('said no');
    expect([kinds('scan'), kinds('publish'), kinds('build on')]).toEqual([['scan base'], [], []]);
  });

  it.each<[string, string, Options]>([
    ['a scan that says no', 'scan-failed', { scanned: { base: scanOf('fail', digestOf('base')) } }],
    ['a scan that broke', 'scan-error', { scanned: { base: scanOf('error', digestOf('base')) } }],
    ['a scan that is not complete', 'scan-incomplete', { scanned: { base: scanOf('incomplete', digestOf('base')) } }],
    ['a scan of other bytes', 'verdict-mismatch', { scanned: { base: scanOf('pass', digestOf('runtime')) } }],
    ['a scan of no image', 'verdict-mismatch', { scanned: { base: scanOf('pass', undefined) } }],
    ['a smoke test that failed', 'smoke-failed', { smoked: { base: [{ outcome: 'failed' } as SmokeResult] } }],
  ])('is held back by %s, also where the stage itself does not throw', async (_what, code, options) => {
    const { running, kinds } = family(options);
    await expect(running).rejects.toMatchObject({ code });
    expect([kinds('build on'), kinds('publish'), kinds('tag')]).toEqual([[], [], []]);
  });

  it('with a base that does not pass is not built on it, and nothing of it is uploaded', async () => {
    const { running, calls } = family({ failing: ['scan base'] });
    await expect(running).rejects.toMatchObject({
      code: 'scan-failed',
      hint: 'do better',
      message: expect.stringMatching(/^base: .*runtime, one, two$/) as string,
    });
    expect(calls).toEqual([
      'build base',
      'scan base',
      'smoke base',
      ...NAMES.slice(1).map((name) => `base stopped ${name}`),
    ]);
  });

  it('with a variant that does not pass is built to the end, and nothing of it is uploaded', async () => {
    const { running, calls, kinds } = family({ failing: ['scan one'] });
    await expect(running).rejects.toMatchObject({ code: 'scan-failed' });
    expect(calls).toContain('scan two');
    expect([...kinds('publish'), ...kinds('sign'), ...kinds('tag')]).toEqual([]);
  });

  it.each(['publish two', 'sign one', 'verify two'])('gets no tag at all when this fails: %s', async (failing) => {
    const { running, kinds } = family({ failing: [failing] });
    await expect(running).rejects.toMatchObject({ code: 'scan-failed' });
    expect(kinds('tag')).toEqual([]);
  });

  it('that is there is verified and tagged, and not built', async () => {
    const { running, calls, kinds } = family({ published: NAMES });
    expect((await running).every(({ resumed }) => resumed)).toBe(true);
    expect(kinds('verify')).toHaveLength(4);
    expect(calls.filter((call) => !call.startsWith('verify'))).toEqual(['tag']);
  });

  it('that is there in part is completed on what is there', async () => {
    const { running, kinds } = family({ published: ['base', 'runtime', 'one'] });
    await running;
    expect(kinds('build')).toEqual(['build on runtime two']);
    expect(kinds('publish')).toEqual(['publish two']);
  });

  it('is refused where a member is there and what it needs is not', async () => {
    const { running, kinds } = family({ published: ['base', 'one'] });
    await expect(running).rejects.toMatchObject({ code: 'tag-taken' });
    expect(kinds('build')).toEqual([]);
  });

  it('that is not pushed is built and scanned', async () => {
    const { running, kinds } = family({ request: { push: false } });
    await running;
    expect(kinds('scan')).toHaveLength(4);
    expect([...kinds('publish'), ...kinds('tag')]).toEqual([]);
  });

  it('leaves its moving tags to a later job, with word of them on each', async () => {
    const { running, kinds, tags } = family({ request: { leaveMovingTags: true } });
    await running;
    expect(kinds('intent')).toHaveLength(4);
    expect(tags).toEqual(NAMES.map((name) => `${name}:${COMMIT}`));
  });
});
