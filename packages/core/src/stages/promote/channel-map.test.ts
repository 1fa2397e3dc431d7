import { connect, manifestOf, store } from '@plimsoll/testkit/registry/fixtures';
import { type MemoryRegistry, startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../oci/digest.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import { type Channel, CHANNEL_MAP_TYPE, publishChannelMap } from './channel-map.ts';

const [one, two] = ['one', 'two'].map((text) => digestOf(Buffer.from(text))) as [Channel['images'][string], never];
const api = (digest = one): Channel => ({ version: '1.0.0', images: { 'registry.example/acme/api': digest } });

function publish(registry: MemoryRegistry, channels: Readonly<Record<string, Channel>>) {
  let signed = 0;
  const place = {
    repository: connect(registry).repository,
    tag: 'channels',
    artifactType: CHANNEL_MAP_TYPE,
    layerType: 'a/map',
  };
  const signer = {
    sign: (statement: VerifiedBundle['statement']) => {
      signed += 1;
      const bundle = { bytes: Buffer.from(JSON.stringify(statement)), statement, signedAt: new Date(0) };
      return Promise.resolve(bundle as VerifiedBundle);
    },
  };
  return publishChannelMap(place, channels, signer).then((digest) => ({ digest, signed }));
}

function mapAt(registry: MemoryRegistry): unknown {
  const { tags, manifests, blobs } = registry.repository('acme/app');
  const manifest = JSON.parse(manifests.get(tags.get('channels') ?? '')?.bytes.toString() ?? '{}') as {
    layers: { digest: string; mediaType: string }[];
  };
  return JSON.parse(blobs.get(manifest.layers[0]?.digest ?? '')?.toString() ?? 'null');
}

describe('the map of channels', () => {
  it('holds every channel, keeps those of others, and is signed once for what it says', async () => {
    await using registry = await startMemoryRegistry();
    await publish(registry, { prod: api() });
    await publish(registry, { dev: { images: { 'registry.example/acme/web': two } } });
    expect(mapAt(registry)).toEqual({
      channels: { dev: { images: { 'registry.example/acme/web': two } }, prod: api() },
    });
    expect((await publish(registry, { prod: api() })).signed).toBe(0);
    await publish(registry, { prod: { version: '0.9.0', images: { 'registry.example/acme/api': two } } });
    expect(mapAt(registry)).toMatchObject({ channels: { prod: { version: '0.9.0' } } });
  });

  it('merges with a writer that was faster', async () => {
    await using registry = await startMemoryRegistry();
    let raced = false;
    registry.onRequest = async ({ method, kind }) => {
      if (method !== 'PUT' || kind !== 'manifest' || raced) return undefined;
      raced = true;
      await publish(registry, { dev: api() });
      return undefined;
    };
    await publish(registry, { prod: api(two) });
    expect(mapAt(registry)).toEqual({ channels: { dev: api(), prod: api(two) } });
  });

  it('does not overwrite something else', async () => {
    await using registry = await startMemoryRegistry();
    const image = manifestOf('an image');
    store(registry, [image], 'channels');
    await expect(publish(registry, { prod: api() })).rejects.toMatchObject({ code: 'tag-taken' });
    expect(registry.repository('acme/app').tags.get('channels')).toBe(image.digest);
  });

  it('has no tag when it cannot be signed', async () => {
    await using registry = await startMemoryRegistry();
    const { repository } = connect(registry);
    const place = { repository, tag: 'channels', artifactType: CHANNEL_MAP_TYPE, layerType: 'a/map' };
    const signer = { sign: () => Promise.reject(new Error('down')) };
    await expect(publishChannelMap(place, { prod: api() }, signer)).rejects.toThrow('down');
    expect(registry.repository('acme/app').tags.size).toBe(0);
  });
});
