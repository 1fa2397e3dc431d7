import { connect, manifestOf, store } from '@plimsoll/testkit/registry/fixtures';
import { startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { describe, expect, it } from 'vitest';
import type { ManifestBlob } from './content.ts';
import type { Digest } from './digest.ts';
import { descriptorOf } from './manifest.ts';
import { channelHistory, latestRecord, type HistorySource } from './promotion-history.ts';
import { PROMOTION_RECORD_TYPE, type PromotionRecord, recordReferrer } from './promotion-record.ts';
import { attachReferrers, referrerManifest } from './referrers.ts';

const [one, two, three] = [manifestOf('one'), manifestOf('two'), manifestOf('three')] as const;

/** A registry with three images in `acme/app`, and promotions of them to `prod`. */
async function harbour() {
  const registry = await startMemoryRegistry();
  store(registry, [one, two, three]);
  const { repository } = connect(registry);
  let minute = 0;
  const record = (image: ManifestBlob, more: Partial<PromotionRecord> = {}): PromotionRecord => ({
    repository: repository.label,
    digest: image.digest,
    moves: [{ tag: 'prod' }],
    at: new Date(Date.UTC(2026, 10, 21, 0, (minute += 1))).toISOString(),
    by: 'octocat',
    ...more,
  });
  const attach = async (image: ManifestBlob, content: PromotionRecord): Promise<Digest> => {
    const [attached] = await attachReferrers(repository, descriptorOf(image), [recordReferrer(content)]);
    return attached?.digest ?? image.digest;
  };
  const promote = async (image: ManifestBlob, previous?: { digest: Digest; record?: Digest }) => {
    const move = previous === undefined ? { tag: 'prod' } : { tag: 'prod', previous };
    const digest = await attach(image, record(image, { moves: [move] }));
    await repository.putManifest(image, 'prod');
    return { digest: image.digest, record: digest };
  };
  const history = (limit?: number) => channelHistory(connect(registry).repository, 'prod', limit);
  return {
    registry,
    repository,
    record,
    attach,
    promote,
    history,
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  };
}

describe('channelHistory', () => {
  it('goes from the present digest to the first', async () => {
    await using at = await harbour();
    const third = await at.promote(three, await at.promote(two, await at.promote(one)));
    expect(await at.history()).toMatchObject({
      entries: [
        { digest: three.digest, found: { digest: third.record } },
        { digest: two.digest },
        { digest: one.digest },
      ],
      end: 'start',
    });
  });

  it('follows a tag back and forth between two digests', async () => {
    await using at = await harbour();
    await at.promote(one, await at.promote(two, await at.promote(one)));
    expect((await at.history()).entries.map(({ digest }) => digest)).toEqual([one.digest, two.digest, one.digest]);
  });

  it('is nothing for a tag that does not exist, and stops where there is no record', async () => {
    await using at = await harbour();
    expect(await at.history()).toEqual({ tag: 'prod', entries: [], end: 'start' });
    await at.repository.putManifest(one, 'prod');
    expect(await at.history()).toEqual({ tag: 'prod', entries: [{ digest: one.digest }], end: 'unrecorded' });
    await at.promote(two, { digest: one.digest });
    expect(await at.history()).toMatchObject({ entries: [{}, { digest: one.digest }], end: 'unrecorded' });
  });

  it('says that an older image is gone with its record', async () => {
    await using at = await harbour();
    const first = await at.promote(one);
    await at.promote(two, first);
    for (const digest of [first.record, one.digest]) at.registry.repository('acme/app').manifests.delete(digest);
    expect(await at.history()).toMatchObject({ entries: [{}, { digest: one.digest }], end: 'gone' });
  });

  it('stops at the limit, and says so', async () => {
    await using at = await harbour();
    await at.promote(three, await at.promote(two, await at.promote(one)));
    expect(await at.history(2)).toMatchObject({ entries: [{}, { digest: two.digest }], end: 'limit' });
  });

  it('does not count records of another tag or repository, nor one that hangs on a copy', async () => {
    await using at = await harbour();
    await at.repository.putManifest(one, 'prod');
    await at.attach(one, at.record(one, { moves: [{ tag: 'dev' }] }));
    await at.attach(one, at.record(one, { repository: 'registry.example/acme/app' }));
    expect((await at.history()).end).toBe('unrecorded');
  });
});

describe('a history that cannot be relied on', () => {
  it.each<[string, (at: Awaited<ReturnType<typeof harbour>>) => Promise<unknown>]>([
    ['a record that is not one', ({ repository }) => attachReferrers(repository, descriptorOf(one), [garbage('{}')])],
    ['a record that is not JSON', ({ repository }) => attachReferrers(repository, descriptorOf(one), [garbage('<')])],
    ['a record about another image than it hangs on', (at) => at.attach(one, at.record(two))],
    [
      'a chain that leads to another record',
      async (at) => at.promote(one, { digest: two.digest, record: await at.attach(three, at.record(three)) }),
    ],
    ['a chain that leads to no record', async (at) => at.promote(one, { digest: two.digest, record: two.digest })],
  ])('%s is unknown, not empty', async (_what, forge) => {
    await using at = await harbour();
    await at.repository.putManifest(one, 'prod');
    await forge(at);
    await expect(at.history()).rejects.toMatchObject({ code: 'history-unknown' });
  });

  it('a registry that does not answer is not an empty history', async () => {
    await using at = await harbour();
    await at.promote(two, await at.promote(one));
    at.registry.onRequest = ({ kind }) => (kind === 'referrers' ? { status: 403 } : undefined);
    await expect(at.history()).rejects.toMatchObject({ code: 'registry-denied' });
    at.registry.onRequest = ({ kind }) => (kind === 'blob' ? { status: 403 } : undefined);
    await expect(at.history()).rejects.toMatchObject({ code: 'registry-denied' });
  });

  it('that goes round in a circle is refused', async () => {
    await using at = await harbour();
    await at.promote(two, await at.promote(one));
    const { repository } = connect(at.registry);
    const found = await latestRecord(repository, two.digest, 'prod');
    await expect(channelHistory(circular(repository, found?.digest ?? two.digest), 'prod')).rejects.toMatchObject({
      code: 'history-unknown',
    });
  });
});

function garbage(text: string) {
  const bytes = Buffer.from(text);
  return { artifactType: PROMOTION_RECORD_TYPE, annotations: {}, blobs: [{ mediaType: PROMOTION_RECORD_TYPE, bytes }] };
}

/** A source whose every record is the same one, which names itself: content by digest cannot do that, a broken source can. */
function circular(source: HistorySource, record: Digest): HistorySource {
  const content: PromotionRecord = {
    repository: source.label,
    digest: two.digest,
    moves: [{ tag: 'prod', previous: { digest: two.digest, record } }],
    at: '2026-11-21T00:00:00Z',
    by: 'octocat',
  };
  const { bytes } = referrerManifest(descriptorOf(two), recordReferrer(content));
  return {
    label: source.label,
    resolve: (tag) => source.resolve(tag),
    referrers: (subject) => source.referrers(subject),
    manifest: async (reference) => ({ ...(await source.manifest(reference)), bytes }),
    blob: () => Promise.resolve(stream(Buffer.from(JSON.stringify(content)))),
  };
}

async function* stream(bytes: Buffer) {
  yield bytes;
}
