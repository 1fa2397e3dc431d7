import { blobOf, errorBody, manifestOf, store } from '@plimsoll/testkit/registry/fixtures';
import { type MemoryRegistry, startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { createAuthority } from '@plimsoll/testkit/world/authority';
import { describe, expect, it } from 'vitest';
import { createHttp } from '../../runtime/http.ts';
import { listCredentials, noCredentials } from '../auth/credentials.ts';
import { readBytes } from '../checked-stream.ts';
import { Registries } from './registries.ts';

const authority = createAuthority('Test authority');
const { certificate: cert, key } = authority.issue(['127.0.0.1']);
const tls = { key, cert };
const manifest = manifestOf('one');

function open(registry: MemoryRegistry, options: { readonly trusted: boolean; readonly allowH2?: boolean }) {
  const { trusted, allowH2 = true } = options;
  const http = createHttp({ allowH2, ...(trusted ? { extraCa: authority.certificate } : {}) });
  const credentials = listCredentials([{ registry: registry.host, username: 'user', password: 'password' }]);
  return new Registries({ http, credentials }).repository({ registry: registry.host, repository: 'acme/app' });
}

describe('a registry with TLS', () => {
  it.each([
    ['2.0', true],
    ['1.1', false],
  ])('is spoken to in HTTP/%s', async (version, allowH2) => {
    await using registry = await startMemoryRegistry({ tls, auth: 'bearer' });
    store(registry, [manifest], 'v1');
    const repository = open(registry, { trusted: true, allowH2 });
    const blob = blobOf('0123456789'.repeat(30_000));
    await repository.putBlob(blob.descriptor, blob.open);
    expect(await readBytes(await repository.blob(blob.descriptor))).toEqual(blob.bytes);
    expect((await repository.resolve('v1'))?.digest).toBe(manifest.digest);
    expect(new Set(registry.requests.map(({ httpVersion }) => httpVersion))).toEqual(new Set([version]));
  });

  it('is not trusted without its authority, and never asked in plain text', async () => {
    await using registry = await startMemoryRegistry({ tls });
    const repository = open(registry, { trusted: false });
    await expect(repository.resolve('v1')).rejects.toMatchObject({ code: 'registry-unreachable' });
    expect(registry.requests).toEqual([]);
  });

  it('that resets a stream in the middle of a body is asked again', async () => {
    await using registry = await startMemoryRegistry({ tls });
    const blob = blobOf('0123456789'.repeat(10_000));
    registry.repository('acme/app').blobs.set(blob.descriptor.digest, blob.bytes);
    store(registry, [manifest], 'v1');
    let breaks = 2;
    registry.onRequest = ({ method, kind }) =>
      method === 'GET' && kind !== 'base' && (breaks -= 1) >= 0 ? { truncate: 20 } : undefined;
    const repository = open(registry, { trusted: true });
    expect((await repository.manifest('v1')).digest).toBe(manifest.digest);
    breaks = 3;
    expect(await readBytes(await repository.blob(blob.descriptor))).toEqual(blob.bytes);
  });
});

describe('a host', () => {
  it('is asked again for what it was not asked successfully', async () => {
    await using registry = await startMemoryRegistry();
    registry.onRequest = () => ({ status: 403, headers: { 'content-type': 'text/html' }, body: '<html>' });
    const repository = open(registry, { trusted: true });
    await expect(repository.resolve('v1')).rejects.toMatchObject({ code: 'registry-protocol' });
    registry.onRequest = () => undefined;
    expect(await repository.resolve('v1')).toBeUndefined();
  });

  it('gets no more requests at a time than allowed', async () => {
    await using registry = await startMemoryRegistry();
    let [running, most] = [0, 0];
    registry.onRequest = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      return undefined;
    };
    const registries = new Registries({ credentials: noCredentials, concurrency: 3 });
    const repository = registries.repository({ registry: registry.host, repository: 'acme/app' });
    await Promise.all(Array.from({ length: 20 }, (_, n) => repository.resolve(`t${n}`)));
    expect(most).toBeLessThanOrEqual(3);
  });

  it('is not sent credentials for by a realm without encryption', async () => {
    await using registry = await startMemoryRegistry();
    const headers = { 'www-authenticate': 'Bearer realm="http://elsewhere.invalid/token"' };
    registry.onRequest = () => ({ status: 401, headers, body: errorBody('UNAUTHORIZED') });
    await expect(open(registry, { trusted: true }).resolve('v1')).rejects.toMatchObject({ code: 'registry-protocol' });
  });
});
