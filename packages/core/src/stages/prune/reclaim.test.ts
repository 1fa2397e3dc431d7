import { sceneWith } from '@plimsoll/testkit/github/prune-scene';
import { expect, it } from 'vitest';
import type { Digest } from '../../oci/digest.ts';
import { reclaimable } from './reclaim.ts';

const sizeOf = (at: ReturnType<typeof sceneWith>, digest: string) => at.state.manifests.get(digest)?.bytes.length ?? 0;

it('counts a blob that two of the doomed share once, and one that something kept has not at all', async () => {
  const at = sceneWith();
  const [one, two] = ['dev-1', 'dev-2'].map((tag) => at.shapes.artifact(tag, { tags: [tag] })) as [string, string];
  const kept = at.shapes.image('kept', { tags: ['v1'] });
  const same = at.shapes.image('kept', { tags: ['dev-3'], subject: kept });
  const own = at.shapes.image('own', { tags: ['dev-4'] });
  at.wait(10);
  const { plan } = await at.plan();
  expect(plan.delete.map(({ digest }) => digest).toSorted()).toEqual([one, two, own].toSorted());
  // What is about something kept is kept, and keeps the layers that it shares with it.
  expect(at.alive(same)).toBe(true);
  const manifests = [one, two, own].reduce((sum, digest) => sum + sizeOf(at, digest), 0);
  const [emptyConfig, layers, image] = [2, 2 * 300, 1_000 + 100];
  expect(plan.totals).toMatchObject({ reclaimableBytes: manifests + emptyConfig + layers + image, bytesExact: true });
});

it('says "at most" where something kept was not read, and exactly where nothing is left to share', () => {
  const blob = { digest: `sha256:${'b'.repeat(64)}` as Digest, mediaType: '', size: 7 };
  const node = (digest: Digest) => ({ digest, size: 10, children: [], blobs: [blob] });
  const [doomed, kept] = ['c', 'd'].map((letter) => `sha256:${letter.repeat(64)}` as Digest) as [Digest, Digest];
  const known = (...digests: Digest[]) => new Map(digests.map((digest) => [digest, node(digest)]));
  const of = (nodes: ReturnType<typeof known>) => reclaimable([{ digest: doomed }], { nodes, survivors: [kept] });
  expect(of(known(doomed))).toEqual({ bytes: 17, exact: false });
  expect(of(known(doomed, kept))).toEqual({ bytes: 10, exact: true });
  expect(reclaimable([{ digest: doomed }], { nodes: known(doomed), survivors: [] })).toEqual({
    bytes: 17,
    exact: true,
  });
});
