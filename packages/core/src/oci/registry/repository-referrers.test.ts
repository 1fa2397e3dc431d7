import { connect, errorBody, indexOf, manifestOf, wire } from '@plimsoll/testkit/registry/fixtures';
import { type MemoryRegistry, startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { describe, expect, it } from 'vitest';
import type { ManifestBlob } from '../content.ts';
import type { Digest } from '../digest.ts';

const failure = (code: string) => expect.objectContaining({ code });

describe('referrers', () => {
  const subject = manifestOf('subject');
  function referrer(name: string, of: Digest = subject.digest): ManifestBlob {
    return manifestOf(name, { subject: of });
  }

  function fill(registry: MemoryRegistry, manifests: ManifestBlob[], fallback?: ManifestBlob): void {
    const repository = registry.repository('acme/app');
    for (const manifest of [...manifests, ...(fallback === undefined ? [] : [fallback])])
      repository.manifests.set(manifest.digest, manifest);
    if (fallback !== undefined) repository.tags.set(subject.digest.replace(':', '-'), fallback.digest);
  }

  it('are the union of what the registry and the fallback tag list, with type and annotations', async () => {
    await using registry = await startMemoryRegistry();
    const [api, both, tag] = [referrer('api'), referrer('both'), referrer('tag')];
    fill(registry, [api, both, tag], indexOf(both, tag));
    registry.onRequest = ({ kind }) =>
      kind === 'referrers'
        ? {
            status: 200,
            headers: { 'content-type': 'application/vnd.oci.image.index.v1+json' },
            body: indexOf(api, both).bytes,
          }
        : undefined;
    const found = await connect(registry).repository.referrers(subject.digest);
    expect(found.map(({ annotations }) => annotations?.['name'] ?? '').toSorted()).toEqual(['api', 'both', 'tag']);
    expect(found.every(({ artifactType }) => artifactType === 'a/b')).toBe(true);
  });

  it('do not include what refers to something else, or is gone', async () => {
    await using registry = await startMemoryRegistry({ referrersApi: false });
    const [mine, foreign, gone] = [referrer('mine'), referrer('foreign', manifestOf('x').digest), referrer('gone')];
    fill(registry, [mine, foreign], indexOf(mine, foreign, gone, subject));
    const found = await connect(registry).repository.referrers(subject.digest);
    expect(found.map(({ digest }) => digest)).toEqual([mine.digest]);
  });

  it('are none when an image stands at the fallback tag', async () => {
    await using registry = await startMemoryRegistry({ referrersApi: false });
    fill(registry, [], referrer('mine'));
    expect(await connect(registry).repository.referrers(subject.digest)).toEqual([]);
  });

  it('are not read from a page of another host', async () => {
    await using registry = await startMemoryRegistry();
    await using elsewhere = await startMemoryRegistry();
    registry.onRequest = ({ kind }) =>
      kind === 'referrers' ? { status: 303, headers: { location: `${elsewhere.url}/login` } } : undefined;
    expect(await connect(registry).repository.referrers(subject.digest)).toEqual([]);
    expect(elsewhere.requests).toEqual([]);
  });

  it.each<[string, number, Record<string, string>, string]>([
    ['HTML with 200', 200, { 'content-type': 'text/html' }, '<html>'],
    ['JSON of another type', 200, { 'content-type': 'application/json' }, '{"manifests":[]}'],
    ['404', 404, {}, ''],
    ["quay.io's 400 for an unknown subject", 400, {}, errorBody('MANIFEST_INVALID')],
  ])('come from the fallback tag when the API answers %s', async (_what, status, headers, body) => {
    await using registry = await startMemoryRegistry();
    fill(registry, [referrer('mine')], indexOf(referrer('mine')));
    registry.onRequest = ({ kind }) => (kind === 'referrers' ? { status, headers, body } : undefined);
    expect(await connect(registry).repository.referrers(subject.digest)).toHaveLength(1);
  });

  it.each([
    [401, 'registry-unauthorized'],
    [403, 'registry-denied'],
    [429, 'registry-rate-limited'],
    [500, 'registry-unavailable'],
  ])('are never none because of %i', async (status, code) => {
    for (const kind of ['referrers', 'manifest']) {
      await using registry = await startMemoryRegistry();
      registry.onRequest = (request) => (request.kind === kind ? { status } : undefined);
      await expect(connect(registry).repository.referrers(subject.digest)).rejects.toEqual(failure(code));
    }
  });

  it('are asked of the API twice only where it does not exist', async () => {
    await using registry = await startMemoryRegistry({ referrersApi: false });
    const { repository } = connect(registry);
    await repository.referrers(subject.digest);
    await repository.referrers(manifestOf('other').digest);
    expect(wire(registry).filter((line) => line === 'GET referrers')).toHaveLength(2);
  });
});
