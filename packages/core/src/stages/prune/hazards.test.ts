import { fallbackTag } from '@plimsoll/testkit/github/image-shapes';
import { PruneScene } from '@plimsoll/testkit/github/prune-scene';
import { describe, expect, it } from 'vitest';
import { PlimsollError } from '../../runtime/errors.ts';

/** `sha-*`, `dev-*` and `pr-*` keep nothing, so that a dev tag dooms and everything else is kept. */
const NO_DEV = {
  channels: [
    { name: 'dev', match: ['dev-*'], keep: { last: 0 } },
    { name: 'rest', match: ['*'], keep: 'all' },
  ],
};

function scene(retention: unknown = NO_DEV, options: { restoreTags?: boolean } = {}): PruneScene {
  const made = new PruneScene(options);
  made.retention = retention;
  return made;
}

/** What the plan would delete, by digest. */
async function doomed(at: PruneScene): Promise<string[]> {
  return (await at.plan()).plan.delete.map((item) => item.digest);
}

describe('what hangs together is kept together', () => {
  it('H1 keeps the untagged platforms and attestations of a tagged index', async () => {
    const at = scene();
    const { index } = at.shapes.multiPlatform('a', { tags: ['v1.0.0'] });
    const orphan = at.shapes.image('orphan');
    at.wait(10);
    expect(await doomed(at)).toEqual([orphan]);
    await at.prune();
    expect(at.whole(index)).toBe(true);
  });

  it('H2 keeps the leaves of an index in an index', async () => {
    const at = scene();
    const inner = at.shapes.multiPlatform('a').index;
    const outer = at.shapes.index([inner], { tags: ['v1.0.0'] });
    const orphan = at.shapes.image('orphan');
    at.wait(10);
    await at.prune();
    expect(at.whole(outer)).toBe(true);
    expect(at.alive(orphan)).toBe(false);
  });

  it('H3 never deletes a tagged child with its parent', async () => {
    const at = scene();
    const amd64 = at.shapes.image('amd64', { tags: ['v1-amd64'] });
    const arm64 = at.shapes.image('arm64', { tags: ['v1-arm64'] });
    const index = at.shapes.index([amd64, arm64], { tags: ['dev-1'] });
    at.wait(10);
    await at.prune();
    expect([at.alive(index), at.alive(amd64), at.alive(arm64)]).toEqual([false, true, true]);
  });

  it('H4 keeps the signatures of platforms, and deletes them with their image', async () => {
    const at = scene();
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
    const at = scene({ channels: [{ name: 'all', match: ['*'], keep: { last: 2 } }] });
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
    const at = scene({ channels: [{ name: 'all', match: ['*'], keep: { last: 1 } }] });
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
    const at = scene();
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
    const at = scene();
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
    const at = scene();
    const { index } = at.shapes.multiPlatform('a', { tags: ['v1.0.0'] });
    const listed = at.shapes.image('listed', { subject: index });
    const lost = at.shapes.image('lost', { subject: index });
    at.shapes.index([listed], { tags: [fallbackTag(index)] });
    at.wait(10);
    expect(await doomed(at)).toEqual([]);
    expect(at.alive(lost)).toBe(true);
  });

  it('H22 follows image, SBOM and signature of the SBOM to the end, both ways', async () => {
    const at = scene();
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
    const at = scene();
    const pinned = at.shapes.multiPlatform('pinned').index;
    const other = at.shapes.multiPlatform('other').index;
    at.retention = { ...NO_DEV, protect: { digests: [pinned] } };
    at.wait(10);
    await at.prune();
    expect(at.whole(pinned)).toBe(true);
    expect(at.alive(other)).toBe(false);
  });

  it('H26 takes build caches and artifacts of unknown types as they are', async () => {
    const at = scene();
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
    const at = scene({ channels: [{ name: 'all', match: ['v*'], keep: 'all' }] });
    const odd = ['sha256-abc', `sha256-${'a'.repeat(100)}.sig`, `sha256-${'A'.repeat(64)}`, `md5-${'a'.repeat(64)}`];
    const kept = odd.map((tag) => at.shapes.image(tag, { tags: [tag] }));
    at.shapes.image('orphan');
    at.wait(10);
    await at.prune();
    expect(kept.every((digest) => at.alive(digest))).toBe(true);
  });

  it('keeps evidence whose subject is in another package, and deletes it when the subject was deleted here', async () => {
    const at = scene();
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

describe('tags, age and order', () => {
  it('H9 keeps an old digest that a moving tag was set to today', async () => {
    const at = scene({
      channels: [{ name: 'prod', match: ['prod', 'prod-*'], keep: { last: 1, 'younger-than': '30d' } }],
    });
    const old = at.shapes.multiPlatform('old', { tags: ['prod-1'] }).index;
    at.wait(200);
    at.shapes.multiPlatform('new', { tags: ['prod-2'] });
    at.state.tag('prod', old);
    const custom = await doomed(at);
    at.retention = { channels: [{ name: 'all', match: ['*'], keep: { last: 1 } }] };
    expect([custom, await doomed(at)]).toEqual([[], []]);
  });

  it('H13 keeps a version when any of its tags is kept, whatever the order of the channels', async () => {
    const at = scene();
    const both = at.shapes.image('both', { tags: ['dev-1', 'v1.0.0'] });
    const only = at.shapes.image('only', { tags: ['dev-2'] });
    at.wait(10);
    expect(await doomed(at)).toEqual([only]);
    at.retention = { channels: NO_DEV.channels.toReversed() };
    expect(await doomed(at)).toEqual([]);
    expect(at.alive(both)).toBe(true);
  });

  it('H28 reports a package that is not there', async () => {
    const at = scene();
    at.planes.hook = (request) => {
      if (request === 'info')
        throw new PlimsollError('package-not-found', 'no such package', { hint: 'Check the name.' });
    };
    await expect(at.plan()).rejects.toMatchObject({ code: 'package-not-found' });
  });

  it.each(['v[abc', '/(/', 'a b', '', '!', '/x', 'semver:nonsense'])(
    'H29 refuses the pattern "%s"',
    async (pattern) => {
      const at = scene({ channels: [{ name: 'x', match: [pattern], keep: { last: 1 } }] });
      at.shapes.image('a', { tags: ['v1'] });
      await expect(async () => at.plan()).rejects.toThrow();
      expect(at.state.count).toBe(1);
    },
  );

  it('H29 reports rules that match nothing', async () => {
    const at = scene({ ...NO_DEV, protect: { tags: ['prodcution'], digests: [`sha256:${'0'.repeat(64)}`] } });
    at.shapes.image('a', { tags: ['v1'] });
    const { plan } = await at.plan();
    expect(plan.notes.map((note) => /"(dev|prodcution)"|0000/.test(note))).toEqual([true, true, true]);
  });

  it('H30 keeps what claims to be from the future, and breaks ties by id', async () => {
    const at = scene({ channels: [{ name: 'all', match: ['*'], keep: { last: 2 } }] });
    const [first, second, third] = ['a', 'b', 'c'].map((tag) => at.shapes.image(tag, { tags: [tag] }));
    expect(await doomed(at)).toEqual([first]);
    at.wait(-1);
    const future = at.shapes.image('loose');
    at.wait(-400);
    const { plan } = await at.plan();
    expect(plan.delete.map((item) => item.digest)).toEqual([first]);
    expect(plan.keep.map((item) => item.digest)).toEqual(expect.arrayContaining([second, third, future]));
    expect(plan.notes).toHaveLength(1);
  });

  it('H35 keeps both versions when a tag or a digest is listed twice', async () => {
    const at = scene();
    const old = at.shapes.image('old', { tags: ['dev-1'] });
    const next = at.shapes.image('next');
    at.wait(10);
    at.state.live(next)?.tags.add('dev-1');
    expect(await doomed(at)).toEqual([]);
    expect([at.alive(old), at.alive(next)]).toEqual([true, true]);
  });
});

describe('answers that are not what they seem', () => {
  it('H12 leaves out what somebody deleted while the plan was made', async () => {
    const at = scene();
    const { index } = at.shapes.multiPlatform('a', { tags: ['v1.0.0'] });
    const vanishing = at.shapes.image('vanishing', { tags: ['v2.0.0'] });
    const orphan = at.shapes.image('orphan');
    at.wait(10);
    at.planes.hook = (request, argument) => {
      if (request === 'manifest' && argument === vanishing) at.state.delete(at.state.live(vanishing)?.id ?? 0);
    };
    const { plan } = await at.plan();
    expect(plan.delete.map((item) => item.digest)).toEqual([orphan]);
    expect(plan.keep.some((item) => item.digest === vanishing)).toBe(false);
    expect(at.whole(index)).toBe(true);
  });

  it('H12 never reads a missing manifest of a listed version as "no children"', async () => {
    const at = scene();
    const { index } = at.shapes.multiPlatform('a', { tags: ['v1.0.0'] });
    at.shapes.image('orphan');
    at.wait(10);
    at.planes.hook = (request, argument) => {
      if (request === 'manifest' && argument === index)
        throw new PlimsollError('registry-not-found', 'gone', { hint: 'x' });
    };
    await expect(at.plan()).rejects.toMatchObject({ code: 'inventory-incomplete' });
  });

  it('H12 stops at a registry that cannot answer', async () => {
    const at = scene();
    at.shapes.multiPlatform('a', { tags: ['v1.0.0'] });
    at.shapes.image('orphan');
    at.wait(10);
    at.planes.hook = (request) => {
      if (request === 'manifest') throw new PlimsollError('registry-unavailable', '502', { hint: 'x' });
    };
    await expect(at.plan()).rejects.toMatchObject({ code: 'registry-unavailable' });
    expect(at.planes.count('delete')).toBe(0);
  });

  it('H16 reports the last tagged version and goes on', async () => {
    const at = scene();
    const { index, children } = at.shapes.multiPlatform('a', { tags: ['dev-1'] });
    const orphan = at.shapes.image('orphan');
    at.wait(10);
    const { refused, spared, deleted, failure } = await at.prune();
    expect(failure).toBeUndefined();
    expect(refused.map(({ item }) => item.digest)).toEqual([index]);
    expect(spared.map(({ item }) => item.digest).toSorted()).toEqual(children.toSorted());
    expect(deleted.map((item) => item.digest)).toEqual([orphan]);
    expect(at.whole(index)).toBe(true);
  });

  it('H17 keeps the parts and the evidence of what has too many downloads to be deleted', async () => {
    const at = scene();
    at.state.visibility = 'public';
    at.shapes.image('kept', { tags: ['v1'] });
    const popular = at.shapes.multiPlatform('popular', { tags: ['dev-1'] });
    const signature = at.shapes.image('sig', { tags: [fallbackTag(popular.index, '.sig')] });
    const other = at.shapes.multiPlatform('other', { tags: ['dev-2'] });
    at.wait(10);
    const version = at.state.live(popular.index);
    if (version) version.downloads = 9_000;
    const { refused, failure } = await at.prune();
    expect([failure, refused.length]).toEqual([undefined, 1]);
    expect(at.whole(popular.index) && at.alive(signature)).toBe(true);
    expect([other.index, ...other.children].some((digest) => at.alive(digest))).toBe(false);
  });

  it('H34 does not take a failing page for the end of the list', async () => {
    const at = scene();
    at.planes.pageSize = 3;
    for (let number = 0; number < 10; number += 1) at.shapes.image(`${number}`);
    at.wait(10);
    at.planes.hook = (request, argument) => {
      if (request === 'page' && argument === 'active 3')
        throw new PlimsollError('github-unreachable', '500', { hint: 'x' });
    };
    await expect(at.plan()).rejects.toMatchObject({ code: 'github-unreachable' });
  });
});
