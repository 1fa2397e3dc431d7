import { blobOf, connect, errorBody, streamOf, wire } from '@plimsoll/testkit/registry/fixtures';
import { startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { describe, expect, it } from 'vitest';
import { readBytes } from '../checked-stream.ts';

const failure = (code: string) => expect.objectContaining({ code });

describe('blobs', () => {
  const blob = blobOf('0123456789'.repeat(1000));

  it('go up in one piece with their length, and only once', async () => {
    await using registry = await startMemoryRegistry();
    const { repository } = connect(registry);
    await Promise.all([repository.putBlob(blob.descriptor, blob.open), repository.putBlob(blob.descriptor, blob.open)]);
    await repository.putBlob(blob.descriptor, blob.open);
    expect(wire(registry).filter((line) => line !== 'HEAD blob')).toEqual(['POST upload', 'PUT upload']);
    const put = registry.requests.find(({ method }) => method === 'PUT');
    expect(put?.headers).toMatchObject({ 'content-length': '10000' });
    expect(put?.headers['transfer-encoding']).toBeUndefined();
    expect(put?.query.get('_state')).toBe('a/b=');
    expect(registry.repository('acme/app').blobs.get(blob.descriptor.digest)).toEqual(blob.bytes);
  });

  it('that are there are not sent', async () => {
    await using registry = await startMemoryRegistry();
    registry.repository('acme/app').blobs.set(blob.descriptor.digest, blob.bytes);
    await connect(registry).repository.putBlob(blob.descriptor, blob.open);
    expect(wire(registry)).toEqual(['HEAD blob']);
  });

  it('are mounted from a repository that has them, without sending a byte', async () => {
    await using registry = await startMemoryRegistry({ auth: 'bearer' });
    registry.repository('acme/base').blobs.set(blob.descriptor.digest, blob.bytes);
    await connect(registry, 'password').repository.putBlob(blob.descriptor, blob.open, { from: 'acme/base' });
    expect(wire(registry)).toEqual(['GET token', 'POST upload']);
    expect(registry.requests.find(({ kind }) => kind === 'token')?.query.getAll('scope')).toEqual([
      'repository:acme/app:pull,push',
      'repository:acme/base:pull',
    ]);
  });

  it('are sent where the registry will not mount', async () => {
    await using registry = await startMemoryRegistry({ mount: false });
    await connect(registry).repository.putBlob(blob.descriptor, blob.open, { from: 'acme/base' });
    expect(wire(registry)).toEqual(['POST upload', 'PUT upload']);
    expect(registry.repository('acme/app').blobs.size).toBe(1);
  });

  it('are sent where the registry refuses to talk about mounting', async () => {
    await using registry = await startMemoryRegistry();
    registry.onRequest = ({ query }) => (query.has('mount') ? { status: 403, body: errorBody('DENIED') } : undefined);
    await connect(registry).repository.putBlob(blob.descriptor, blob.open, { from: 'acme/base' });
    expect(registry.repository('acme/app').blobs.size).toBe(1);
  });

  it.each<[string, Buffer]>([
    ['other bytes', Buffer.from('x'.repeat(10_000))],
    ['fewer bytes', Buffer.from('0123')],
    ['more bytes', Buffer.from('0123456789'.repeat(1001))],
  ])('whose source gives %s are refused, and the registry keeps nothing', async (_what, bytes) => {
    await using registry = await startMemoryRegistry();
    const { repository } = connect(registry);
    const bad = () => Promise.resolve(streamOf(bytes));
    await expect(repository.putBlob(blob.descriptor, bad)).rejects.toEqual(failure('digest-mismatch'));
    expect(registry.repository('acme/app').blobs.size).toBe(0);
    await repository.putBlob(blob.descriptor, blob.open);
    expect(registry.repository('acme/app').blobs.size).toBe(1);
  });

  it('start over with a new session and a new stream when the upload breaks', async () => {
    await using registry = await startMemoryRegistry();
    const faults = ['reset', { status: 502 }, { status: 404, body: errorBody('BLOB_UPLOAD_UNKNOWN') }] as const;
    let put = 0;
    registry.onRequest = ({ method }) => (method === 'PUT' ? faults[put++] : undefined);
    let opened = 0;
    await connect(registry).repository.putBlob(blob.descriptor, () => {
      opened += 1;
      return blob.open();
    });
    expect(wire(registry).filter((line) => line === 'POST upload')).toHaveLength(4);
    expect(opened).toBe(4);
  });

  it('are sent to another host without the authorization of this one', async () => {
    await using storage = await startMemoryRegistry();
    await using registry = await startMemoryRegistry({ auth: 'basic' });
    storage.onRequest = () => ({ status: 201 });
    const location = `${storage.url}/bucket/upload?signature=a%2Bb`;
    registry.onRequest = ({ kind }) => (kind === 'upload' ? { status: 202, headers: { location } } : undefined);
    await connect(registry, 'password').repository.putBlob(blob.descriptor, blob.open);
    expect(storage.requests[0]?.headers['authorization']).toBeUndefined();
    expect(storage.requests[0]?.query.get('signature')).toBe('a+b');
    expect(storage.requests[0]?.query.get('digest')).toBe(blob.descriptor.digest);
  });

  it('are read in full and proven', async () => {
    await using registry = await startMemoryRegistry();
    const { blobs } = registry.repository('acme/app');
    blobs.set(blob.descriptor.digest, blob.bytes);
    const { repository } = connect(registry);
    expect(await readBytes(await repository.blob(blob.descriptor))).toEqual(blob.bytes);
    for (const wrong of [Buffer.from('x'.repeat(10_000)), Buffer.from('short')]) {
      blobs.set(blob.descriptor.digest, wrong);
      await expect(readBytes(await repository.blob(blob.descriptor))).rejects.toEqual(failure('digest-mismatch'));
    }
  });

  it('are taken up where the connection broke', async () => {
    await using registry = await startMemoryRegistry();
    registry.repository('acme/app').blobs.set(blob.descriptor.digest, blob.bytes);
    let left = 3;
    registry.onRequest = ({ kind }) => (kind === 'blob' && (left -= 1) >= 0 ? { truncate: 3000 } : undefined);
    expect(await readBytes(await connect(registry).repository.blob(blob.descriptor))).toEqual(blob.bytes);
    const ranges = registry.requests.filter(({ kind }) => kind === 'blob').map(({ headers }) => headers['range']);
    expect(ranges).toEqual([undefined, 'bytes=3000-', 'bytes=6000-', 'bytes=9000-']);
  });
});
