import { connect, manifestOf, store } from '@plimsoll/testkit/registry/fixtures';
import { startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { describe, expect, it } from 'vitest';
import type { FinishedRun } from '../github/workflow-runs.ts';
import type { Digest } from '../oci/digest.ts';
import { PlimsollError } from '../runtime/errors.ts';
import { silentLog } from '../runtime/log.ts';
import { PREDICATE_TYPES } from '../sigstore/predicates.ts';
import type { VerifiedBundle } from '../sigstore/verify.ts';
import { moveTags } from './promote/move-tags.ts';
import type { Accepted } from './trends/accepted.ts';
import { releaseName } from './trends/release-point.ts';
import { readTrends, type TrendsPorts } from './trends.ts';

const images = ['one', 'two', 'three'].map((name) => manifestOf(name));
const [one, two, three] = images.map(({ digest }) => digest) as [Digest, Digest, Digest];
const unreachable = new PlimsollError('github-denied', 'GET /runs: 403', { hint: 'Write "actions: read".' });

const run = (number: number): FinishedRun => ({
  number,
  url: `https://github.com/acme/app/actions/runs/${number}`,
  startedAt: new Date(0),
  result: 'success',
  milliseconds: 1000,
});

/** Every image was the one of `main` once, in order; the evidence of each says as many findings as its place. */
async function history() {
  const registry = await startMemoryRegistry();
  store(registry, images);
  for (const { digest } of images) {
    const tags = [{ name: 'main', class: 'moving' }] as const;
    const { repository } = connect(registry);
    await moveTags({ digest, tags, repository }, { note: { by: 'octocat' }, log: silentLog });
  }
  const accepted: Accepted = async (digest) => [
    verdictOn(
      digest,
      images.findIndex((image) => image.digest === digest),
    ),
  ];
  const ports = (more: Partial<TrendsPorts> = {}): TrendsPorts => ({
    source: connect(registry).repository,
    accepted,
    runs: async () => [run(2), run(1)],
    ...more,
  });
  return { registry, ports, [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose]() };
}

function verdictOn(digest: Digest, high: number): VerifiedBundle {
  const counts = { critical: 0, high, medium: 1, low: 1, unknown: 0, secrets: 5, misconfigurations: 5 };
  const time = '2026-11-21T10:00:00.000Z';
  const predicate = {
    version: 1,
    subject: { digest, platforms: [] },
    outcome: 'pass',
    reasons: [],
    policyDigest: digest,
    counts,
    blocking: 0,
    suppressed: 0,
    databases: [],
    tools: [],
    startedAt: time,
    finishedAt: time,
  };
  const statement = { subjects: [digest], predicateType: PREDICATE_TYPES.verdict, predicate };
  return { statement, signedAt: new Date(time) } as unknown as VerifiedBundle;
}

describe('readTrends', () => {
  it('tells the releases of a tag and the runs, the oldest first and this one last', async () => {
    await using at = await history();
    const trends = await readTrends({ tag: 'main', most: 10, present: { digest: three } }, at.ports());
    expect(trends.releases.map(({ digest }) => digest)).toEqual([one, two, three]);
    expect(trends.releases.map(({ findings }) => findings)).toEqual([
      { high: 0, below: 2 },
      { high: 1, below: 2 },
      { high: 2, below: 2 },
    ]);
    expect(trends.releases[1]?.at).toBeInstanceOf(Date);
    expect(trends.runs.map(({ number }) => number)).toEqual([1, 2]);
    expect(trends.notes).toEqual([]);
  });

  it('reads no more than was asked for', async () => {
    await using at = await history();
    const trends = await readTrends({ tag: 'main', most: 1, present: { digest: three } }, at.ports());
    expect(trends.releases.map(({ digest }) => digest)).toEqual([two, three]);
  });

  it('takes what the run knows of its own image, and asks nobody for it', async () => {
    await using at = await history();
    const point = { digest: three, name: '1.2.3', size: 7 };
    const asked: Digest[] = [];
    const accepted: Accepted = async (digest) => {
      asked.push(digest);
      return [];
    };
    const trends = await readTrends(
      { tag: 'main', most: 10, present: { digest: three, point } },
      at.ports({ accepted }),
    );
    expect(trends.releases.at(-1)).toBe(point);
    expect(asked.toSorted()).toEqual([one, two].toSorted());
    expect(trends.notes.join()).toContain('1.2.3');
  });

  it('says which releases are gone, and tells the others', async () => {
    await using at = await history();
    at.registry.repository('acme/app').manifests.delete(two);
    const trends = await readTrends({ tag: 'main', most: 10, present: { digest: three } }, at.ports());
    expect(trends.releases.map(({ digest }) => digest)).toEqual([one, three]);
    expect(trends.notes).toHaveLength(1);
  });

  it.each(['runs', 'accepted'] as const)('says what it could not read: %s', async (port) => {
    await using at = await history();
    const broken = { [port]: () => Promise.reject(unreachable) };
    const trends = await readTrends({ tag: 'main', most: 10, present: { digest: three } }, at.ports(broken));
    expect(trends.notes.join()).toContain('actions: read');
    expect(port === 'runs' ? trends.runs : trends.releases).toEqual([]);
  });

  it('goes on with nothing but what it was cancelled for', async () => {
    await using at = await history();
    const cancelled = new PlimsollError('cancelled', 'stop', { hint: '' });
    const ports = at.ports({ runs: () => Promise.reject(cancelled) });
    await expect(readTrends({ tag: 'main', most: 10 }, ports)).rejects.toBe(cancelled);
  });
});

describe('releaseName', () => {
  const digest = one;
  it.each([
    [{ version: '1.2.3', revision: 'a'.repeat(40) }, '1.2.3'],
    [{ version: 'main', revision: 'a'.repeat(40) }, 'aaaaaaa'],
    [{ version: 'main' }, digest.slice(0, 19)],
    [{}, digest.slice(0, 19)],
  ])('of %o is %s', (given, name) => {
    const annotations = Object.fromEntries(
      Object.entries(given).map(([key, value]) => [`org.opencontainers.image.${key}`, value]),
    );
    expect(releaseName(annotations, { digest, tag: 'main' })).toBe(name);
  });
});
