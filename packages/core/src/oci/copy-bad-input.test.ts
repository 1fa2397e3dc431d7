import { type DirectRegistry, directRegistry } from '@plimsoll/testkit/promote/direct-http';
import {
  blobOf,
  emptyBlob,
  errorBody,
  indexOf,
  manifestOf,
  QuickClock,
  store,
} from '@plimsoll/testkit/registry/fixtures';
import type { RegistryRequest } from '@plimsoll/testkit/registry/memory-wire';
import { describe, expect, it } from 'vitest';
import { noCredentials } from './auth/credentials.ts';
import type { ManifestBlob } from './content.ts';
import { executeCopy } from './copy.ts';
import { planCopy } from './copy-plan.ts';
import { digestOf } from './digest.ts';
import { descriptorOf } from './manifest.ts';
import { OCI_MANIFEST } from './media-types.ts';
import { Registries } from './registry/registries.ts';
import type { Repository } from './registry/repository.ts';

const layer = blobOf('a layer');
const image = manifestOf('image', { layers: [layer.descriptor] });

function registryWith(manifests: readonly ManifestBlob[], referrersApi = true): DirectRegistry {
  const registry = directRegistry({ referrersApi });
  store(registry, manifests);
  registry.repository('acme/app').blobs.set(layer.descriptor.digest, layer.bytes);
  return registry;
}

function open({ http }: DirectRegistry, host: string): Repository {
  const registries = new Registries({ credentials: noCredentials, http, clock: new QuickClock() });
  return registries.repository({ registry: host, repository: 'acme/app' });
}

async function copy(from: DirectRegistry, to: DirectRegistry, root: ManifestBlob) {
  const [source, target] = [open(from, 'source.test'), open(to, 'destination.test')];
  const plan = await planCopy({ source, target, root: descriptorOf(root), referrers: true });
  return executeCopy(plan, { source, target, clock: new QuickClock() });
}

const digestsOf = (manifests: readonly ManifestBlob[]) => manifests.map(({ digest }) => digest).toSorted();
const manifestsAt = (registry: DirectRegistry) => [...registry.repository('acme/app').manifests.keys()].toSorted();
const uploads = ({ requests }: DirectRegistry) =>
  requests.filter(({ method, kind }) => method === 'PUT' && kind === 'upload');
const writes = ({ requests }: DirectRegistry) => requests.filter(({ method }) => !['GET', 'HEAD'].includes(method));

describe('a copy of an image of unusual shape', () => {
  it('brings indexes within indexes, four deep', async () => {
    const levels = [image];
    for (let depth = 0; depth < 4; depth += 1) levels.push(indexOf(...levels.slice(-1)));
    const to = directRegistry();
    await copy(registryWith(levels), to, levels.at(-1) ?? image);
    expect(manifestsAt(to)).toEqual(digestsOf(levels));
  });

  it('sends a blob of many images once', async () => {
    const images = Array.from({ length: 50 }, (_none, at) => manifestOf(`image ${at}`, { layers: [layer.descriptor] }));
    const to = directRegistry();
    await copy(registryWith([...images, indexOf(...images)]), to, indexOf(...images));
    expect(uploads(to)).toHaveLength(2);
    expect(manifestsAt(to)).toHaveLength(51);
  });

  it.each([true, false])(
    'brings 1,000 referrers, each under its subject (API: %s)',
    { timeout: 60_000 },
    async (listed) => {
      const hung = Array.from({ length: 1_000 }, (_none, at) =>
        manifestOf(`referrer ${at}`, { subject: image.digest }),
      );
      const to = directRegistry({ referrersApi: listed });
      await copy(registryWith([image, ...hung]), to, image);
      expect(await open(to, 'destination.test').referrers(image.digest)).toHaveLength(1_000);
      const fallback = to.requests.filter(
        ({ method, reference }) => method === 'PUT' && reference.startsWith('sha256-'),
      );
      expect(fallback).toHaveLength(listed ? 0 : 1);
    },
  );

  it('ends where a fallback tag lists the image itself, and takes along only what refers to it', async () => {
    const hung = manifestOf('hung', { subject: image.digest });
    const stranger = manifestOf('stranger');
    const from = registryWith([image, hung, stranger], false);
    store(from, [indexOf(image, hung, stranger)], image.digest.replace(':', '-'));
    store(from, [indexOf(image, hung)], hung.digest.replace(':', '-'));
    const to = directRegistry();
    await copy(from, to, image);
    expect(manifestsAt(to)).toEqual(digestsOf([image, hung]));
  });

  it('leaves out layers that are not for pushing', async () => {
    const mediaType = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';
    const foreign = { mediaType, digest: blobOf('foreign').descriptor.digest, size: 9 };
    const layers = [layer.descriptor, { ...foreign, urls: ['https://example.com/layer'] }];
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: emptyBlob.descriptor, layers }),
    );
    const windows = { mediaType: OCI_MANIFEST, digest: digestOf(bytes), bytes };
    const [from, to] = [registryWith([windows]), directRegistry()];
    await copy(from, to, windows);
    const asked = [...from.requests, ...to.requests].filter(({ path, query }) =>
      `${path}?${query.toString()}`.includes(foreign.digest.slice(7)),
    );
    expect(asked).toEqual([]);
    expect(uploads(to)).toHaveLength(2);
  });

  it('writes nothing where source and destination are the same', async () => {
    const both = registryWith([image, manifestOf('hung', { subject: image.digest })]);
    const result = await copy(both, both, image);
    expect(result).toMatchObject({ manifests: 0, blobs: 0, bytesMoved: 0 });
    expect(writes(both)).toEqual([]);
  });
});

describe('a copy is refused', () => {
  it('before anything is written when the source lacks a platform that its index lists', async () => {
    const index = indexOf(image, manifestOf('pruned'));
    const [from, to] = [registryWith([image, index]), directRegistry()];
    await expect(copy(from, to, index)).rejects.toMatchObject({ code: 'registry-not-found' });
    expect(writes(to)).toEqual([]);
  });

  const isTag = ({ method, reference }: RegistryRequest) => method === 'PUT' && reference.startsWith('sha256-');
  const isUpload = ({ method, kind }: RegistryRequest) => method === 'PUT' && kind === 'upload';
  it.each<[string, string, (request: RegistryRequest) => boolean, number, string]>([
    ['an immutable fallback tag', 'tag-immutable', isTag, 409, errorBody('TAG_IMMUTABLE')],
    ["Harbor's quota", 'registry-quota', isUpload, 403, errorBody('DENIED', 'adding 9 MiB would exceed the quota')],
    ["Quay's quota", 'registry-quota', isUpload, 403, errorBody('DENIED', 'Quota has been exceeded on namespace')],
    ['a full disk', 'registry-quota', isUpload, 507, ''],
    ['a layer that is too large', 'registry-rejected', isUpload, 413, errorBody('SIZE_INVALID', 'too large')],
  ])('by %s, and the root is not there', async (_what, code, at, status, body) => {
    const from = registryWith([image, manifestOf('hung', { subject: image.digest })]);
    const to = directRegistry({ referrersApi: false });
    to.onRequest = (request) => (at(request) ? { status, body } : undefined);
    await expect(copy(from, to, image)).rejects.toMatchObject({ code });
    expect(to.repository('acme/app').manifests.has(image.digest)).toBe(false);
    expect(to.repository('acme/app').tags.size).toBe(0);
  });
});
