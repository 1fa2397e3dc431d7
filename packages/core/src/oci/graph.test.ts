import { blobOf, connect, emptyBlob, indexOf, manifestOf, store } from '@plimsoll/testkit/registry/fixtures';
import { startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { describe, expect, it } from 'vitest';
import type { ContentSource, ManifestBlob } from './content.ts';
import { type Digest, digestOf } from './digest.ts';
import { readGraph } from './graph.ts';
import { descriptorOf } from './manifest.ts';
import { OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from './media-types.ts';
import { platformsOf } from './platforms.ts';

const [one, two] = [manifestOf('one', { layers: [blobOf('layer').descriptor] }), manifestOf('two')];
const root = descriptorOf(indexOf(one, two));

function withContent(mediaType: string, content: unknown): ManifestBlob {
  const bytes = Buffer.from(JSON.stringify(content));
  return { mediaType, bytes, digest: digestOf(bytes) };
}

describe('readGraph', () => {
  it('walks nested indexes, each manifest once', async () => {
    await using registry = await startMemoryRegistry();
    const inner = indexOf(one, two);
    const outer = indexOf(inner, one);
    store(registry, [one, two, inner, outer]);
    const graph = await readGraph(connect(registry).repository, descriptorOf(outer), { referrers: false });
    expect([...graph.nodes.keys()].toSorted()).toEqual([one, two, inner, outer].map(({ digest }) => digest).toSorted());
    expect(graph.nodes.get(outer.digest)?.children).toEqual([inner.digest, one.digest]);
    expect(graph.nodes.get(one.digest)?.blobs.map(({ digest }) => digest)).toContain(blobOf('layer').descriptor.digest);
    expect(registry.requests.filter(({ kind }) => kind === 'manifest')).toHaveLength(4);
  });

  it.each([true, false])('finds referrers of every node and of referrers (API: %s)', async (referrersApi) => {
    await using registry = await startMemoryRegistry({ referrersApi });
    const onPlatform = manifestOf('on platform', { subject: one.digest });
    const onReferrer = manifestOf('on referrer', { subject: onPlatform.digest });
    store(registry, [one, two, onPlatform, onReferrer, indexOf(one, two)]);
    if (!referrersApi) {
      for (const [subject, referrer] of [
        [one, onPlatform],
        [onPlatform, onReferrer],
      ] as const) {
        store(registry, [indexOf(referrer)], subject.digest.replace(':', '-'));
      }
    }
    const { nodes } = await readGraph(connect(registry).repository, root, { referrers: true });
    expect(nodes.size).toBe(5);
    expect(nodes.get(one.digest)?.referrers).toEqual([onPlatform.digest]);
    expect(nodes.get(onPlatform.digest)?.referrers).toEqual([onReferrer.digest]);
  });

  it('ends when referrers point at each other', async () => {
    const manifests = new Map([one, two].map((manifest) => [manifest.digest, manifest]));
    const other = (digest: Digest) => descriptorOf(digest === one.digest ? two : one);
    const source: ContentSource = {
      label: 'a loop',
      resolve: () => Promise.resolve(undefined),
      manifest: (reference) => Promise.resolve(manifests.get(reference as Digest) ?? one),
      blob: () => Promise.reject(new Error('not asked')),
      referrers: (subject) => Promise.resolve([other(subject)]),
    };
    const { nodes } = await readGraph(source, descriptorOf(one), { referrers: true });
    expect(nodes.size).toBe(2);
  });

  it('fails when a child is missing or of another size', async () => {
    await using registry = await startMemoryRegistry();
    store(registry, [one, indexOf(one, two)]);
    const { repository } = connect(registry);
    await expect(readGraph(repository, root, { referrers: false })).rejects.toMatchObject({
      code: 'registry-not-found',
    });
    const wrong = { ...descriptorOf(one), size: 1 };
    await expect(readGraph(repository, wrong, { referrers: false })).rejects.toMatchObject({ code: 'digest-mismatch' });
  });
});

describe('platformsOf', () => {
  const platform = { os: 'linux', architecture: 'arm64', variant: 'v8' };

  it("lists runnable images with BuildKit's attestations beside them", async () => {
    await using registry = await startMemoryRegistry();
    const annotations = {
      'vnd.docker.reference.type': 'attestation-manifest',
      'vnd.docker.reference.digest': one.digest,
    };
    const unknown = { os: 'unknown', architecture: 'unknown' };
    const manifests = [
      { ...descriptorOf(one), platform },
      { ...descriptorOf(two), platform: unknown, annotations },
    ];
    const index = withContent(OCI_INDEX, { schemaVersion: 2, manifests });
    store(registry, [one, two, index]);
    const found = await platformsOf(connect(registry).repository, index.digest);
    expect(found).toMatchObject([
      { platform, descriptor: { digest: one.digest }, attestations: [{ digest: two.digest }] },
    ]);
  });

  it('reads the platform of a single image from its config', async () => {
    await using registry = await startMemoryRegistry();
    const config = blobOf(JSON.stringify({ ...platform, rootfs: {} }));
    const content = { schemaVersion: 2, config: { ...config.descriptor, mediaType: OCI_CONFIG }, layers: [] };
    const image = withContent(OCI_MANIFEST, content);
    store(registry, [image]);
    registry.repository('acme/app').blobs.set(config.descriptor.digest, config.bytes);
    expect(await platformsOf(connect(registry).repository, image.digest)).toMatchObject([{ platform }]);
  });

  it('finds none in an artifact', async () => {
    await using registry = await startMemoryRegistry();
    store(registry, [one]);
    registry.repository('acme/app').blobs.set(emptyBlob.descriptor.digest, emptyBlob.bytes);
    expect(await platformsOf(connect(registry).repository, one.digest)).toEqual([]);
  });
});
