import { connect, indexOf, manifestOf, store, wire } from '@plimsoll/testkit/registry/fixtures';
import { type MemoryRegistry, startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { describe, expect, it } from 'vitest';
import { descriptorOf } from './manifest.ts';
import { attachReferrers, type ReferrerManifest, referrerManifest } from './referrers.ts';

const image = manifestOf('image');
const subject = descriptorOf(image);
const tag = subject.digest.replace(':', '-');

function bundle(name: string): ReferrerManifest {
  return {
    artifactType: 'a/bundle',
    annotations: { name },
    blobs: [{ mediaType: 'a/bundle', bytes: Buffer.from(name) }],
  };
}

async function names(registry: MemoryRegistry): Promise<string[]> {
  const found = await connect(registry).repository.referrers(subject.digest);
  return found.map(({ annotations }) => annotations?.['name'] ?? '').toSorted((a, b) => a.localeCompare(b));
}

function listedAtTag(registry: MemoryRegistry): readonly Record<string, unknown>[] {
  const { tags, manifests } = registry.repository('acme/app');
  const text = manifests.get(tags.get(tag) ?? '')?.bytes.toString() ?? '{"manifests":[]}';
  return (JSON.parse(text) as { manifests: Record<string, unknown>[] }).manifests;
}

describe('attachReferrers', () => {
  it('takes the word of a registry that lists referrers', async () => {
    await using registry = await startMemoryRegistry();
    store(registry, [image]);
    const attached = await attachReferrers(connect(registry).repository, subject, [bundle('one'), bundle('two')]);
    expect(attached).toMatchObject([
      { artifactType: 'a/bundle', annotations: { name: 'one' } },
      { annotations: { name: 'two' } },
    ]);
    expect(registry.repository('acme/app').tags.size).toBe(0);
    expect(await names(registry)).toEqual(['one', 'two']);
  });

  it('writes the fallback tag once for all where the registry does not, with type and annotations', async () => {
    await using registry = await startMemoryRegistry({ referrersApi: false });
    store(registry, [image]);
    await attachReferrers(connect(registry).repository, subject, [bundle('one'), bundle('two'), bundle('three')]);
    expect(registry.requests.filter(({ method, reference }) => method === 'PUT' && reference === tag)).toHaveLength(1);
    expect(listedAtTag(registry)).toMatchObject([
      { artifactType: 'a/bundle', annotations: { name: 'one' } },
      { artifactType: 'a/bundle', annotations: { name: 'two' } },
      { artifactType: 'a/bundle', annotations: { name: 'three' } },
    ]);
  });

  it('attaches once however often it is done', async () => {
    await using registry = await startMemoryRegistry({ referrersApi: false });
    store(registry, [image]);
    await attachReferrers(connect(registry).repository, subject, [bundle('one')]);
    const before = registry.requests.length;
    await attachReferrers(connect(registry).repository, subject, [bundle('one')]);
    expect(wire({ ...registry, requests: registry.requests.slice(before) })).not.toContain('POST upload');
    expect(listedAtTag(registry)).toHaveLength(1);
  });

  it('puts again what the registry says it lists and does not', async () => {
    await using registry = await startMemoryRegistry();
    store(registry, [image]);
    let lost = '';
    registry.onRequest = ({ method, kind, reference }) => {
      if (method === 'PUT' && kind === 'manifest') lost ||= reference;
      if (kind === 'referrers' && lost !== '' && registry.repository('acme/app').manifests.delete(lost)) lost = 'done';
      return undefined;
    };
    await attachReferrers(connect(registry).repository, subject, [bundle('one'), bundle('two')]);
    expect(await names(registry)).toEqual(['one', 'two']);
  });

  it('keeps what others listed, as they wrote it', async () => {
    await using registry = await startMemoryRegistry({ referrersApi: false });
    const theirs = manifestOf('theirs', { subject: subject.digest });
    const index = indexOf(theirs);
    store(registry, [image, theirs, index], tag);
    await attachReferrers(connect(registry).repository, subject, [bundle('ours')]);
    expect(await names(registry)).toEqual(['ours', 'theirs']);
  });

  it.each<[string, typeof indexOf]>([
    ['an index that lists foreign manifests', indexOf],
    ['an image', () => manifestOf('poison')],
  ])('replaces %s at the tag', async (_what, poison) => {
    await using registry = await startMemoryRegistry({ referrersApi: false });
    const platform = manifestOf('platform');
    store(registry, [image, platform, poison(platform)], tag);
    await attachReferrers(connect(registry).repository, subject, [bundle('ours')]);
    expect(listedAtTag(registry)).toMatchObject([{ annotations: { name: 'ours' } }]);
  });

  it('loses nothing when many attach at the same time', async () => {
    await using registry = await startMemoryRegistry({ referrersApi: false, latencyMs: 5 });
    store(registry, [image]);
    const all = ['a', 'b', 'c', 'd', 'e', 'f'];
    await Promise.all(all.map((name) => attachReferrers(connect(registry).repository, subject, [bundle(name)])));
    expect(await names(registry)).toEqual(all);
  });

  it('repairs what a writer that read before us overwrote, theirs included', async () => {
    await using registry = await startMemoryRegistry({ referrersApi: false });
    const theirs = manifestOf('theirs', { subject: subject.digest });
    store(registry, [image, theirs]);
    let reads = 0;
    registry.onRequest = ({ method, reference }) => {
      if (method === 'GET' && reference === tag && (reads += 1) === 2) store(registry, [indexOf(theirs)], tag);
      return undefined;
    };
    await attachReferrers(connect(registry).repository, subject, [bundle('ours')]);
    expect(await names(registry)).toEqual(['ours', 'theirs']);
  });

  // It waits in real time, and the longer the slower the machine is.
  it('says so when the tag is overwritten again and again', { timeout: 60_000 }, async () => {
    await using registry = await startMemoryRegistry({ referrersApi: false });
    store(registry, [image]);
    registry.onRequest = ({ method, reference }) => {
      if (method === 'GET' && reference === tag) store(registry, [indexOf()], tag);
      return undefined;
    };
    const attaching = attachReferrers(connect(registry).repository, subject, [bundle('ours')]);
    await expect(attaching).rejects.toMatchObject({ code: 'attach-lost' });
  });

  it('does not take a tag that cannot be read for an empty one', async () => {
    await using registry = await startMemoryRegistry({ referrersApi: false });
    store(registry, [image]);
    registry.onRequest = ({ method, reference }) =>
      method === 'GET' && reference === tag ? { status: 403 } : undefined;
    const attaching = attachReferrers(connect(registry).repository, subject, [bundle('ours')]);
    await expect(attaching).rejects.toMatchObject({ code: 'registry-denied' });
    expect(registry.repository('acme/app').tags.size).toBe(0);
  });
});

describe('referrerManifest', () => {
  it('is the same for the same content, and names only the content of its subject', () => {
    const platform = { os: 'linux', architecture: 'arm64' };
    const one = referrerManifest({ ...subject, platform, annotations: { a: 'b' } }, bundle('one'));
    expect(one).toEqual(referrerManifest(subject, bundle('one')));
    expect(JSON.parse(one.bytes.toString())).toMatchObject({ subject, artifactType: 'a/bundle' });
  });
});
