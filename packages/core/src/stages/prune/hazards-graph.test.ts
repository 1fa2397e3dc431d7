import { fallbackTag } from '@plimsoll/testkit/github/image-shapes';
import { doomed, NO_DEV, sceneWith } from '@plimsoll/testkit/github/prune-scene';
import { describe, expect, it } from 'vitest';

describe('what hangs together is kept together', () => {
  it('H1 keeps the untagged platforms and attestations of a tagged index', async () => {
    const at = sceneWith();
    const { index } = at.shapes.multiPlatform('a', { tags: ['v1.0.0'] });
    const orphan = at.shapes.image('orphan');
    at.wait(10);
    expect(await doomed(at)).toEqual([orphan]);
    await at.prune();
    expect(at.whole(index)).toBe(true);
  });

  it('H2 keeps the leaves of an index in an index', async () => {
    const at = sceneWith();
    const inner = at.shapes.multiPlatform('a').index;
    const outer = at.shapes.index([inner], { tags: ['v1.0.0'] });
    const orphan = at.shapes.image('orphan');
    at.wait(10);
    await at.prune();
    expect(at.whole(outer)).toBe(true);
    expect(at.alive(orphan)).toBe(false);
  });

  it('H3 never deletes a tagged child with its parent', async () => {
    const at = sceneWith();
    const amd64 = at.shapes.image('amd64', { tags: ['v1-amd64'] });
    const arm64 = at.shapes.image('arm64', { tags: ['v1-arm64'] });
    const index = at.shapes.index([amd64, arm64], { tags: ['dev-1'] });
    at.wait(10);
    await at.prune();
    expect([at.alive(index), at.alive(amd64), at.alive(arm64)]).toEqual([false, true, true]);
  });

  it('H4 keeps the signatures of platforms, and deletes them with their image', async () => {
    const at = sceneWith();
    const kept = at.shapes.multiPlatform('kept', { tags: ['v1.0.0'] });
    const old = at.shapes.multiPlatform('old', { tags: ['dev-1'] });
    const sign = (digest: string) => at.shapes.image(`sig ${digest}`, { tags: [fallbackTag(digest, '.sig')] });
    const keptSignatures = kept.children.map(sign);
    const oldSignatures = old.children.map(sign);
    at.wait(10);
    await at.prune();
    expect(keptSignatures.every((digest) => at.alive(digest))).toBe(true);
    expect([old.index, ...old.children, ...oldSignatures].some((digest) => at.alive(digest))).toBe(false);
  });

  it('H5 gives the places of a count to images, never to their signatures', async () => {
    const at = sceneWith({ channels: [{ name: 'all', match: ['*'], keep: { last: 2 } }] });
    const releases = ['v1', 'v2', 'v3'].map((tag) => {
      at.wait(1);
      return at.shapes.multiPlatform(tag, { tags: [tag] });
    });
    at.wait(1);
    const signatures =
      releases[2]?.children.map((digest) => at.shapes.image(`s${digest}`, { tags: [fallbackTag(digest, '.sig')] })) ??
      [];
    at.wait(10);
    await at.prune();
    expect(releases.map(({ index }) => at.alive(index))).toEqual([false, true, true]);
    expect(signatures.every((digest) => at.alive(digest))).toBe(true);
  });

  it('H6 does not count the signature of an SBOM', async () => {
    const at = sceneWith({ channels: [{ name: 'all', match: ['*'], keep: { last: 1 } }] });
    const { index } = at.shapes.multiPlatform('a', { tags: ['v1'] });
    const sbom = at.shapes.image('sbom', { subject: index });
    at.wait(1);
    const signature = at.shapes.image('sig', { tags: [fallbackTag(sbom, '.sig')] });
    at.shapes.image('orphan');
    at.wait(10);
    await at.prune();
    expect([index, sbom, signature].map((digest) => at.alive(digest))).toEqual([true, true, true]);
  });

  it('H19 keeps what a doomed index shares with a kept one, with a young one and with a pinned one', async () => {
    const at = sceneWith();
    const parts = ['a', 'b', 'c', 'd'].map((seed) => at.shapes.image(seed));
    const [a, b, c, d] = parts as [string, string, string, string];
    const gone = at.shapes.index([a, b, c, d], { tags: ['dev-1'] });
    const kept = at.shapes.index([a], { tags: ['v1.0.0'] });
    const pinned = at.shapes.index([b]);
    at.wait(10);
    const young = at.shapes.index([c]);
    at.retention = { ...NO_DEV, protect: { digests: [pinned] } };
    await at.prune();
    expect(at.whole(kept, pinned, young)).toBe(true);
    expect([at.alive(gone), at.alive(d)]).toEqual([false, false]);
  });

  it('H20 deletes a stale fallback index without the bundles it shares with the live one', async () => {
    const at = sceneWith();
    const { index } = at.shapes.multiPlatform('a', { tags: ['v1.0.0'] });
    const bundle = at.shapes.image('bundle', { subject: index });
    const second = at.shapes.image('second', { subject: index });
    const stale = at.shapes.index([bundle], { tags: [fallbackTag(index)] });
    const live = at.shapes.index([bundle, second], { tags: [fallbackTag(index)] });
    at.wait(10);
    await at.prune();
    expect(at.alive(stale)).toBe(false);
    expect(at.whole(index, live)).toBe(true);
  });

  it('H21 keeps a bundle that the fallback index lost, by its subject', async () => {
    const at = sceneWith();
    const { index } = at.shapes.multiPlatform('a', { tags: ['v1.0.0'] });
    const listed = at.shapes.image('listed', { subject: index });
    const lost = at.shapes.image('lost', { subject: index });
    at.shapes.index([listed], { tags: [fallbackTag(index)] });
    at.wait(10);
    expect(await doomed(at)).toEqual([]);
    expect(at.alive(lost)).toBe(true);
  });

  it('H22 follows image, SBOM and signature of the SBOM to the end, both ways', async () => {
    const at = sceneWith();
    const chain = (tag: string): string[] => {
      const { index } = at.shapes.multiPlatform(tag, { tags: [tag] });
      const sbom = at.shapes.image(`sbom ${tag}`, { subject: index });
      const signature = at.shapes.image(`sig ${tag}`, { subject: sbom });
      return [index, sbom, signature];
    };
    const kept = chain('v1.0.0');
    const gone = chain('dev-1');
    at.wait(10);
    await at.prune();
    expect(kept.map((digest) => at.alive(digest))).toEqual([true, true, true]);
    expect(gone.map((digest) => at.alive(digest))).toEqual([false, false, false]);
  });

  it('H25 protects a digest with everything below it', async () => {
    const at = sceneWith();
    const pinned = at.shapes.multiPlatform('pinned').index;
    const other = at.shapes.multiPlatform('other').index;
    at.retention = { ...NO_DEV, protect: { digests: [pinned] } };
    at.wait(10);
    await at.prune();
    expect(at.whole(pinned)).toBe(true);
    expect(at.alive(other)).toBe(false);
  });

  it('H26 takes build caches and artifacts of unknown types as they are', async () => {
    const at = sceneWith();
    const push = (content: object, tags: string[]) =>
      at.state.push(Buffer.from(JSON.stringify(content)), 'application/vnd.example.thing+json', tags);
    const cache = push({ mediaType: 'application/vnd.example.thing+json', kind: 'cacheonly' }, ['buildcache-main']);
    const part = at.shapes.image('part');
    const odd = push({ kind: 'index of another world', manifests: [{ digest: part }] }, ['odd']);
    const orphan = push({ kind: 'orphan', layers: null }, []);
    at.wait(10);
    await at.prune();
    expect([at.alive(cache), at.whole(odd), at.alive(orphan)]).toEqual([true, true, false]);
  });

  it('H27 takes a tag that only looks like evidence for an ordinary one', async () => {
    const at = sceneWith({ channels: [{ name: 'all', match: ['v*'], keep: 'all' }] });
    const odd = ['sha256-abc', `sha256-${'a'.repeat(100)}.sig`, `sha256-${'A'.repeat(64)}`, `md5-${'a'.repeat(64)}`];
    const kept = odd.map((tag) => at.shapes.image(tag, { tags: [tag] }));
    at.shapes.image('orphan');
    at.wait(10);
    await at.prune();
    expect(kept.every((digest) => at.alive(digest))).toBe(true);
  });

  it('H23 keeps evidence whose subject is in another package, and deletes it when the subject was deleted here', async () => {
    const at = sceneWith();
    const elsewhere = at.shapes.image('foreign', { tags: [fallbackTag(`sha256:${'f'.repeat(64)}`, '.sig')] });
    const image = at.shapes.image('image', { tags: ['v9'] });
    at.shapes.image('keeps the package tagged', { tags: ['v8'] });
    const signature = at.shapes.image('signature', { tags: [fallbackTag(image, '.sig')] });
    at.wait(10);
    at.state.delete(at.state.live(image)?.id ?? 0);
    await at.prune();
    expect([at.alive(elsewhere), at.alive(signature)]).toEqual([true, false]);
  });
});
