import {
  type BlobFixture,
  blobOf,
  connect,
  emptyBlob,
  indexOf,
  manifestOf,
  store,
  wire,
} from '@plimsoll/testkit/registry/fixtures';
import {
  type MemoryRegistry,
  type MemoryRegistryOptions,
  startMemoryRegistry,
} from '@plimsoll/testkit/registry/memory-registry';
import { describe, expect, it } from 'vitest';
import type { ByteMeter } from '../runtime/progress.ts';
import { type CopyPorts, executeCopy } from './copy.ts';
import { planCopy } from './copy-plan.ts';
import type { ManifestBlob } from './content.ts';
import { descriptorOf } from './manifest.ts';

/** Large enough to be asked for before they are sent. */
const layers = ['base', 'one', 'two'].map((name) => blobOf(`${name} layer `.repeat(60_000)));
const [base, ofOne, ofTwo] = layers as [BlobFixture, BlobFixture, BlobFixture];
const one = manifestOf('one', { layers: [base.descriptor, ofOne.descriptor] });
const two = manifestOf('two', { layers: [base.descriptor, ofTwo.descriptor] });
const index = indexOf(one, two);
const onIndex = manifestOf('on index', { subject: index.digest });
const onOne = manifestOf('on one', { subject: one.digest });
const everything = [one, two, index, onIndex, onOne];
const bytes = (parts: readonly { readonly bytes: Buffer }[]) => parts.reduce((sum, part) => sum + part.bytes.length, 0);

async function startSource(manifests: readonly ManifestBlob[] = everything): Promise<MemoryRegistry> {
  const registry = await startMemoryRegistry();
  store(registry, manifests);
  for (const { descriptor, bytes: content } of layers)
    registry.repository('acme/app').blobs.set(descriptor.digest, content);
  return registry;
}

/** As one run does it: plan, then act. */
async function copy(
  from: MemoryRegistry,
  to: MemoryRegistry,
  extra: Partial<CopyPorts> & { readonly name?: string } = {},
) {
  const { name = 'acme/app', ...ports } = extra;
  const source = connect(from).repository;
  const target = connect(to, undefined, name).repository;
  const plan = await planCopy({ source, target, root: descriptorOf(index), referrers: true });
  return { plan, result: await executeCopy(plan, { source, target, ...ports }) };
}

describe('a copy', () => {
  it('takes the whole graph along, each blob once, and writes no tag', async () => {
    await using from = await startSource();
    await using to = await startMemoryRegistry();
    const { plan, result } = await copy(from, to);
    expect(result).toEqual({
      digest: index.digest,
      manifests: 5,
      blobs: 4,
      bytesMoved: bytes([...everything, ...layers, emptyBlob]),
      bytesPresent: 0,
      referrers: 2,
    });
    expect(plan.bytesToMove).toBe(result.bytesMoved);
    const { manifests, tags } = to.repository('acme/app');
    expect([...manifests.keys()].toSorted()).toEqual(everything.map(({ digest }) => digest).toSorted());
    expect(tags.size).toBe(0);
    expect(wire(to).filter((line) => line === 'PUT upload')).toHaveLength(4);
  });

  it('puts the root last, after its evidence', async () => {
    await using from = await startSource();
    await using to = await startMemoryRegistry({ latencyMs: 2 });
    await copy(from, to);
    const puts = to.requests
      .filter(({ method, kind }) => method === 'PUT' && kind === 'manifest')
      .map(({ reference }) => reference);
    expect(puts.at(-1)).toBe(index.digest);
    expect(puts).toHaveLength(5);
  });

  it('done again moves nothing', async () => {
    await using from = await startSource();
    await using to = await startMemoryRegistry({ referrersApi: false });
    await copy(from, to);
    const before = to.requests.length;
    const { result } = await copy(from, to);
    expect(result).toMatchObject({ manifests: 0, blobs: 0, bytesMoved: 0 });
    expect(to.requests.slice(before).every(({ method }) => method === 'GET' || method === 'HEAD')).toBe(true);
  });

  it('goes on where an earlier one broke', async () => {
    await using from = await startSource();
    await using to = await startMemoryRegistry();
    to.onRequest = ({ method, reference }) =>
      method === 'PUT' && reference === two.digest ? { status: 403 } : undefined;
    await expect(copy(from, to)).rejects.toMatchObject({ code: 'registry-denied' });
    expect(to.repository('acme/app').manifests.has(index.digest)).toBe(false);
    to.onRequest = () => undefined;
    expect((await copy(from, to)).result).toMatchObject({ blobs: 1, bytesMoved: bytes([...everything, emptyBlob]) });
  });

  it('writes each fallback tag once where the target lists nothing', async () => {
    await using from = await startSource();
    await using to = await startMemoryRegistry({ referrersApi: false });
    await copy(from, to);
    const tags = [...to.repository('acme/app').tags.keys()].toSorted();
    expect(tags).toEqual([index, one].map(({ digest }) => digest.replace(':', '-')).toSorted());
    const writes = to.requests.filter(({ method, reference }) => method === 'PUT' && tags.includes(reference));
    expect(writes).toHaveLength(2);
  });

  it('mounts within one registry', async () => {
    await using registry = await startSource();
    const { result } = await copy(registry, registry, { name: 'acme/release', mountFrom: 'acme/app' });
    expect(result.blobs).toBe(4);
    expect(wire(registry)).not.toContain('PUT upload');
    expect(registry.repository('acme/release').blobs.size).toBe(4);
  });

  it('counts the bytes that are sent', async () => {
    await using from = await startSource();
    await using to = await startMemoryRegistry();
    let seen = 0;
    const progress: ByteMeter = {
      expect: () => {},
      count: async function* (stream) {
        for await (const chunk of stream) {
          seen += chunk.length;
          yield chunk;
        }
      },
    };
    await copy(from, to, { progress });
    expect(seen).toBe(bytes([...layers, emptyBlob]));
  });
});

describe('a copy is refused', () => {
  it.each<[string, string, MemoryRegistryOptions['onRequest']]>([
    ['a source that lost a blob', 'registry-not-found', ({ kind }) => (kind === 'blob' ? { status: 404 } : undefined)],
    [
      'a source that is rate limited',
      'registry-rate-limited',
      ({ kind }) => (kind === 'blob' ? { status: 429 } : undefined),
    ],
    [
      'a source that hides its referrers',
      'registry-denied',
      ({ kind }) => (kind === 'referrers' ? { status: 403 } : undefined),
    ],
  ])('by %s', async (_what, code, onRequest) => {
    await using from = await startSource();
    await using to = await startMemoryRegistry();
    if (onRequest !== undefined) from.onRequest = onRequest;
    await expect(copy(from, to)).rejects.toMatchObject({ code });
    expect(to.repository('acme/app').manifests.has(index.digest)).toBe(false);
  });

  it('by a blob whose bytes are not its own, and nothing of it is kept', async () => {
    await using from = await startSource();
    await using to = await startMemoryRegistry();
    from.repository('acme/app').blobs.set(ofOne.descriptor.digest, Buffer.from('x'.repeat(ofOne.bytes.length)));
    await expect(copy(from, to)).rejects.toMatchObject({ code: 'digest-mismatch' });
    const { blobs, manifests, tags } = to.repository('acme/app');
    expect([blobs.has(ofOne.descriptor.digest), manifests.has(index.digest), tags.size]).toEqual([false, false, 0]);
  });

  it('when the target does not keep what it accepts', async () => {
    await using from = await startSource();
    await using to = await startMemoryRegistry();
    to.onRequest = ({ method, kind, reference }) =>
      method === 'HEAD' && kind === 'manifest' && reference === index.digest ? { status: 404 } : undefined;
    await expect(copy(from, to)).rejects.toMatchObject({ code: 'promote-mismatch' });
  });
});
