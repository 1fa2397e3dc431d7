import { connect, manifestOf, store } from '@plimsoll/testkit/registry/fixtures';
import { startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { describe, expect, it } from 'vitest';
import type { ManifestBlob } from '../../oci/content.ts';
import type { Digest } from '../../oci/digest.ts';
import { descriptorOf } from '../../oci/manifest.ts';
import { latestRecord } from '../../oci/promotion-history.ts';
import { type PromotionRecord, recordReferrer } from '../../oci/promotion-record.ts';
import { attachReferrers } from '../../oci/referrers.ts';
import type { Repository } from '../../oci/registry/repository.ts';
import { silentLog } from '../../runtime/log.ts';
import { previousDigests } from './rollback.ts';

const [one, two, three] = [manifestOf('one'), manifestOf('two'), manifestOf('three')] as const;

/** Two repositories in one registry, each with the same three images. */
async function harbour() {
  const registry = await startMemoryRegistry();
  const names = ['acme/api', 'acme/web'] as const;
  for (const name of names) store({ repository: () => registry.repository(name) }, [one, two, three]);
  const open = (name: string) => connect(registry, undefined, name).repository;
  const [api, web] = [open(names[0]), open(names[1])];
  let minute = 0;
  const target = async (repository: Repository, image: ManifestBlob) => {
    const now = (await repository.look('prod'))?.digest;
    const record = now === undefined ? undefined : (await latestRecord(repository, now, 'prod'))?.digest;
    const previous = now && { digest: now, ...(record ? { record } : {}) };
    return {
      repository: repository.label,
      digest: image.digest,
      moves: [{ tag: 'prod', ...(previous ? { previous } : {}) }],
    };
  };
  /** @param stopAfter tags moved before the run was killed */
  const move = async (
    images: readonly [Repository, ManifestBlob][],
    more: Partial<PromotionRecord> = {},
    stopAfter = 9,
  ) => {
    const family = await Promise.all(images.map(([repository, image]) => target(repository, image)));
    const at = new Date(Date.UTC(2026, 10, 21, 0, (minute += 1))).toISOString();
    for (const [index, [repository, image]] of images.entries()) {
      const own = family[index];
      if (own === undefined) continue;
      const content = { ...own, ...(images.length > 1 ? { family } : {}), at, by: 'octocat', ...more };
      await attachReferrers(repository, descriptorOf(image), [recordReferrer(content)]);
    }
    for (const [repository, image] of images.slice(0, stopAfter)) await repository.putManifest(image, 'prod');
  };
  const previous = (...repositories: readonly Repository[]): Promise<readonly Digest[]> =>
    previousDigests(repositories, 'prod', silentLog);
  return { registry, api, web, move, previous, [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose]() };
}

describe('the previous digest of a channel', () => {
  it('is that of the promotion before', async () => {
    await using at = await harbour();
    await at.move([[at.api, one]]);
    await at.move([[at.api, two]]);
    expect(await at.previous(at.api)).toEqual([one.digest]);
  });

  it('is one further back after a rollback, not the one that was left', async () => {
    await using at = await harbour();
    for (const image of [one, two, three]) await at.move([[at.api, image]]);
    await at.move([[at.api, two]], { rollback: true });
    expect(await at.previous(at.api)).toEqual([one.digest]);
  });

  it('is that before the rollback where somebody promoted again', async () => {
    await using at = await harbour();
    for (const image of [one, two]) await at.move([[at.api, image]]);
    await at.move([[at.api, one]], { rollback: true });
    await at.move([[at.api, three]]);
    expect(await at.previous(at.api)).toEqual([one.digest]);
  });

  it.each<[string, readonly ManifestBlob[], string]>([
    ['a channel that does not exist', [], 'registry-not-found'],
    ['the first promotion', [one], 'history-empty'],
  ])('is not made up for %s', async (_what, images, code) => {
    await using at = await harbour();
    for (const image of images) await at.move([[at.api, image]]);
    await expect(at.previous(at.api)).rejects.toMatchObject({ code });
  });
});

describe('a family', () => {
  it('goes back together', async () => {
    await using at = await harbour();
    for (const image of [one, two])
      await at.move([
        [at.api, image],
        [at.web, image],
      ]);
    expect(await at.previous(at.api, at.web)).toEqual([one.digest, one.digest]);
  });

  it('of which a promotion was killed half-way goes back to where all were', async () => {
    await using at = await harbour();
    for (const image of [one, two])
      await at.move([
        [at.api, image],
        [at.web, image],
      ]);
    await at.move(
      [
        [at.api, three],
        [at.web, three],
      ],
      {},
      1,
    );
    expect(await at.previous(at.api, at.web)).toEqual([two.digest, two.digest]);
  });

  it('of which a rollback was killed half-way completes it, and does not go back twice', async () => {
    await using at = await harbour();
    for (const image of [one, two, three])
      await at.move([
        [at.api, image],
        [at.web, image],
      ]);
    await at.move(
      [
        [at.api, two],
        [at.web, two],
      ],
      { rollback: true },
      1,
    );
    expect(await at.previous(at.web, at.api)).toEqual([two.digest, two.digest]);
  });

  it('of which one was moved on its own since is not half-way', async () => {
    await using at = await harbour();
    for (const image of [one, two, three])
      await at.move([
        [at.api, image],
        [at.web, image],
      ]);
    await at.move(
      [
        [at.api, two],
        [at.web, two],
      ],
      { rollback: true },
    );
    await at.move([[at.web, three]]);
    expect(await at.previous(at.api, at.web)).toEqual([one.digest, two.digest]);
  });
});
