import { connect, emptyBlob, manifestOf, store, wire } from '@plimsoll/testkit/registry/fixtures';
import { startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { describe, expect, it } from 'vitest';
import { OCI_MANIFEST } from '../media-types.ts';

const failure = (code: string) => expect.objectContaining({ code });

describe('manifests', () => {
  it('are stored, tagged and read back, each byte proven', async () => {
    await using registry = await startMemoryRegistry();
    const { repository } = connect(registry);
    const manifest = manifestOf('one');
    await repository.putBlob(emptyBlob.descriptor, emptyBlob.open);
    await repository.putManifest(manifest);
    await repository.putManifest(manifest, 'v1');
    const other = connect(registry).repository;
    expect(await other.manifest('v1')).toEqual(manifest);
    expect(await other.resolve('v1')).toEqual({
      mediaType: OCI_MANIFEST,
      digest: manifest.digest,
      size: manifest.bytes.length,
    });
  });

  it('are asked for once by digest, also at the same time', async () => {
    await using registry = await startMemoryRegistry();
    const manifest = manifestOf('one');
    store(registry, [manifest]);
    const { repository } = connect(registry);
    await Promise.all([repository.manifest(manifest.digest), repository.manifest(manifest.digest)]);
    await repository.manifest(manifest.digest);
    await repository.resolve(manifest.digest);
    expect(wire(registry)).toEqual(['GET manifest']);
  });

  it('are absent only on 404', async () => {
    await using registry = await startMemoryRegistry();
    const { repository } = connect(registry);
    expect(await repository.resolve('nope')).toBeUndefined();
    await expect(repository.manifest('nope')).rejects.toEqual(failure('registry-not-found'));
    registry.onRequest = () => ({ status: 404, headers: { 'content-type': 'text/html' }, body: '<html>' });
    await expect(repository.resolve('nope')).rejects.toEqual(failure('registry-protocol'));
  });

  it('that do not match the digest asked for are refused', async () => {
    await using registry = await startMemoryRegistry();
    const manifest = manifestOf('one');
    store(registry, [manifest], 'v1');
    registry.repository('acme/app').manifests.set(manifest.digest, manifestOf('other'));
    const { repository } = connect(registry);
    await expect(repository.manifest(manifest.digest)).rejects.toEqual(failure('digest-mismatch'));
    await expect(repository.manifest('v1')).rejects.toEqual(failure('digest-mismatch'));
  });

  it('that break on the way are asked for again', async () => {
    await using registry = await startMemoryRegistry();
    const manifest = manifestOf('one');
    store(registry, [manifest], 'v1');
    let breaks = 2;
    registry.onRequest = ({ kind }) => (kind === 'manifest' && (breaks -= 1) >= 0 ? { truncate: 10 } : undefined);
    expect((await connect(registry).repository.manifest('v1')).digest).toBe(manifest.digest);
  });

  it('are resolved by GET where HEAD says too little', async () => {
    await using registry = await startMemoryRegistry();
    const manifest = manifestOf('one');
    store(registry, [manifest], 'v1');
    registry.onRequest = ({ method }) => (method === 'HEAD' ? { status: 200 } : undefined);
    expect((await connect(registry).repository.resolve('v1'))?.digest).toBe(manifest.digest);
  });

  it('are deleted by digest', async () => {
    await using registry = await startMemoryRegistry();
    const manifest = manifestOf('one');
    store(registry, [manifest], 'v1');
    const { repository } = connect(registry);
    await repository.deleteManifest(manifest.digest);
    await repository.deleteManifest(manifest.digest);
    expect(registry.repository('acme/app').tags.size).toBe(0);
  });
});
