import { connect, manifestOf, store } from '@plimsoll/testkit/registry/fixtures';
import { type MemoryRegistry, startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { describe, expect, it } from 'vitest';
import { descriptorOf } from '../../oci/manifest.ts';
import { attachReferrers } from '../../oci/referrers.ts';
import { BUNDLE_MEDIA_TYPE } from '../../sigstore/bundle.ts';
import { discoverBundles } from './discover.ts';

const image = manifestOf('image');
const child = manifestOf('child');
const SPDX = { 'dev.sigstore.bundle.predicateType': 'https://spdx.dev/Document' };

async function attach(registry: MemoryRegistry, { type = BUNDLE_MEDIA_TYPE, text = 'bundle', on = image } = {}) {
  const blobs = [{ mediaType: type, bytes: Buffer.from(text) }];
  const [attached] = await attachReferrers(connect(registry).repository, descriptorOf(on), [
    { artifactType: type, annotations: SPDX, blobs },
  ]);
  return attached?.digest ?? '';
}

async function found(registry: MemoryRegistry, subjects = [image.digest]) {
  const bundles = await discoverBundles(connect(registry).repository, subjects);
  return bundles.map(({ content }) => ('bytes' in content ? content.bytes.toString() : content.problem));
}

describe.each([true, false])('bundles of a registry whose referrers API is %s', (referrersApi) => {
  it('are found, and other artifacts are not taken for them', async () => {
    await using registry = await startMemoryRegistry({ referrersApi });
    store(registry, [image]);
    await attach(registry);
    await attach(registry, { type: 'application/vnd.example.notes', text: 'notes' });
    expect(await found(registry)).toEqual(['bundle']);
  });

  it('are not read when they are listed as what nobody wants', async () => {
    await using registry = await startMemoryRegistry({ referrersApi });
    store(registry, [image]);
    await attach(registry);
    const { repository } = connect(registry);
    const before = registry.requests.length;
    expect(await discoverBundles(repository, [image.digest], ['https://example.test/other'])).toEqual([]);
    expect(registry.requests.slice(before).filter(({ path }) => path.includes('/blobs/'))).toEqual([]);
    expect(await discoverBundles(repository, [image.digest], ['https://spdx.dev/Document'])).toHaveLength(1);
  });

  it('are none where nothing hangs', async () => {
    await using registry = await startMemoryRegistry({ referrersApi });
    store(registry, [image]);
    expect(await found(registry)).toEqual([]);
  });

  it('are fetched once when they hang on several manifests', async () => {
    await using registry = await startMemoryRegistry({ referrersApi });
    store(registry, [image, child]);
    await attach(registry);
    await attach(registry, { on: child });
    const before = registry.requests.length;
    expect(await found(registry, [image.digest, child.digest])).toEqual(['bundle', 'bundle']);
    const blobs = registry.requests.slice(before).filter(({ path }) => path.includes('/blobs/'));
    expect(blobs).toHaveLength(1);
  });

  it('are reported when the blob is gone', async () => {
    await using registry = await startMemoryRegistry({ referrersApi });
    store(registry, [image]);
    await attach(registry);
    registry.repository('acme/app').blobs.clear();
    expect(await found(registry)).toEqual(['it is listed, but the registry does not have it']);
  });

  it.each([401, 403, 500, 503])('are not taken for absent when their blob is answered with %i', async (status) => {
    await using registry = await startMemoryRegistry({ referrersApi });
    store(registry, [image]);
    await attach(registry);
    registry.onRequest = ({ path }) => (path.includes('/blobs/') ? { status, headers: {}, body: '' } : undefined);
    await expect(found(registry)).rejects.toMatchObject({ code: expect.stringMatching(/^registry-/) });
  });

  it('are not taken for absent when their bytes are not what their digest says', async () => {
    await using registry = await startMemoryRegistry({ referrersApi });
    store(registry, [image]);
    await attach(registry);
    const { blobs } = registry.repository('acme/app');
    for (const [digest, bytes] of blobs) blobs.set(digest, Buffer.alloc(bytes.length, 'x'));
    await expect(found(registry)).rejects.toMatchObject({ code: 'digest-mismatch' });
  });
});
