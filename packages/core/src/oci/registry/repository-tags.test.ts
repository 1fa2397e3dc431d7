import { connect, emptyBlob, manifestOf, store, wire } from '@plimsoll/testkit/registry/fixtures';
import { startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { describe, expect, it } from 'vitest';

const failure = (code: string) => expect.objectContaining({ code });

describe('tags', () => {
  it('are read to the last page', async () => {
    await using registry = await startMemoryRegistry();
    const manifest = manifestOf('one');
    const names = Array.from({ length: 2500 }, (_, n) => `t${String(n).padStart(4, '0')}`);
    for (const name of names) registry.repository('acme/app').tags.set(name, manifest.digest);
    expect(await connect(registry).repository.tags()).toEqual(names);
    expect(wire(registry)).toHaveLength(3);
  });

  it('are none where the repository is unknown or the list is null', async () => {
    await using registry = await startMemoryRegistry();
    expect(await connect(registry).repository.tags()).toEqual([]);
    registry.repository('acme/app');
    expect(await connect(registry).repository.tags()).toEqual([]);
  });

  it('are not none on any other 404', async () => {
    await using registry = await startMemoryRegistry();
    registry.onRequest = ({ kind }) =>
      kind === 'tags' ? { status: 404, headers: { 'content-type': 'text/plain' }, body: 'gone' } : undefined;
    await expect(connect(registry).repository.tags()).rejects.toEqual(failure('registry-not-found'));
  });

  it('end also when the pages go round in a circle', async () => {
    await using registry = await startMemoryRegistry();
    const link = '</v2/acme/app/tags/list?n=1000>; rel="next"';
    registry.onRequest = ({ kind }) =>
      kind === 'tags' ? { status: 200, headers: { link }, body: '{"tags":["a"]}' } : undefined;
    await expect(connect(registry).repository.tags()).rejects.toEqual(failure('registry-protocol'));
  });

  it('that are immutable are not moved', async () => {
    await using registry = await startMemoryRegistry({ immutableTag: () => true });
    store(registry, [manifestOf('one')], 'v1');
    registry.repository('acme/app').blobs.set(emptyBlob.descriptor.digest, emptyBlob.bytes);
    const { repository } = connect(registry);
    await expect(repository.putManifest(manifestOf('two'), 'v1')).rejects.toEqual(failure('tag-immutable'));
  });
});
