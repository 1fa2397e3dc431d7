import { connect, manifestOf, store } from '@plimsoll/testkit/registry/fixtures';
import { startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { expect, it } from 'vitest';
import type { ManifestBlob } from '../../oci/content.ts';
import type { Digest } from '../../oci/digest.ts';
import { descriptorOf } from '../../oci/manifest.ts';
import { recordReferrer } from '../../oci/promotion-record.ts';
import { attachReferrers } from '../../oci/referrers.ts';
import { resolveRetention } from '../../policy/retention.ts';
import { pinsFromHistory } from './pinned-history.ts';

/** Seven images, each promoted to a tag after the one before. */
async function promoted(tag: string) {
  const registry = await startMemoryRegistry();
  const images = ['1', '2', '3', '4', '5', '6', '7'].map((name) => manifestOf(name));
  store(registry, images);
  const { repository } = connect(registry);
  let previous: { digest: Digest; record: Digest } | undefined;
  for (const [minute, image] of images.entries()) {
    const move = previous === undefined ? { tag } : { tag, previous };
    const at = new Date(Date.UTC(2026, 10, 21, 0, minute)).toISOString();
    const record = { repository: repository.label, digest: image.digest, moves: [move], at, by: 'octocat' };
    const [attached] = await attachReferrers(repository, descriptorOf(image), [recordReferrer(record)]);
    await repository.putManifest(image, tag);
    previous = { digest: image.digest, record: attached?.digest ?? image.digest };
  }
  const last = images.at(-1) as ManifestBlob;
  const versions = [{ id: 1, digest: last.digest, createdAt: 0, tags: [tag, 'v1.0.0'] }];
  const pins = (section: Parameters<typeof resolveRetention>[0]) =>
    pinsFromHistory(resolveRetention(section, 'acme/app').sources.history, {
      versions,
      source: connect(registry).repository,
    });
  return { registry, pins, digests: images.map(({ digest }) => digest).toReversed() };
}

it('keeps the five before the present one, unless told another number', async () => {
  const { registry, pins, digests } = await promoted('prod');
  expect([...(await pins(undefined)).digests.keys()]).toEqual(digests.slice(1, 6));
  expect([...(await pins({ protect: { history: { keep: 2 } } })).digests]).toEqual([
    [digests[1], 'protect/history-of-prod'],
    [digests[2], 'protect/history-of-prod'],
  ]);
  registry.requests.splice(0);
  expect((await pins({ protect: { history: { keep: 0 } } })).digests.size).toBe(0);
  expect(registry.requests).toEqual([]);
  await registry.stop();
});

it('follows the tags that a rule names without a wildcard, and those that are given', async () => {
  const { registry, pins } = await promoted('weekly');
  expect((await pins(undefined)).digests.size).toBe(0);
  const named = { channels: [{ name: 'weekly', match: ['weekly'], keep: 'all' as const }] };
  expect((await pins(named)).digests.size).toBe(5);
  expect((await pins({ protect: { history: { keep: 1, tags: ['week*'] } } })).digests.size).toBe(1);
  await registry.stop();
});

it('stops when a record cannot be relied on, and reports one that is gone', async () => {
  const { registry, pins, digests } = await promoted('prod');
  const { manifests, blobs } = registry.repository('acme/app');
  const records = [...manifests].filter(([digest]) => !digests.includes(digest as Digest));
  manifests.delete(records[3]?.[0] ?? '');
  expect((await pins(undefined)).notes.some((note) => note.includes('prod'))).toBe(true);
  for (const digest of blobs.keys()) blobs.set(digest, Buffer.from('no record'));
  await expect(pins(undefined)).rejects.toMatchObject({
    code: expect.stringMatching(/history-unknown|digest-mismatch/),
  });
  await registry.stop();
});
