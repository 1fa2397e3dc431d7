import { blobOf, connect, errorBody, indexOf, manifestOf, store } from '@plimsoll/testkit/registry/fixtures';
import { type MemoryRegistry, startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { describe, expect, it } from 'vitest';
import { putAccessoryTag } from './accessory-merge.ts';
import type { ManifestBlob } from './content.ts';
import { digestOf } from './digest.ts';
import { OCI_CONFIG, OCI_MANIFEST } from './media-types.ts';

const TAG = `sha256-${'a'.repeat(64)}.sig`;

interface Signatures {
  readonly layers: readonly { readonly digest: string; readonly annotations: Record<string, string> }[];
  readonly config: { readonly digest: string };
}

/** As cosign keeps them: a layer per signature, which differ in annotations, and a config that lists them. */
function signatures(registry: MemoryRegistry, ...names: readonly string[]): ManifestBlob {
  const payload = blobOf('payload');
  const layers = names.map((signature) => ({ ...payload.descriptor, annotations: { signature } }));
  const diffIds = names.map(() => payload.descriptor.digest);
  const config = blobOf(JSON.stringify({ rootfs: { type: 'layers', diff_ids: diffIds }, history: names }));
  const { blobs } = registry.repository('acme/app');
  for (const { descriptor, bytes } of [payload, config]) blobs.set(descriptor.digest, bytes);
  const content = { config: { ...config.descriptor, mediaType: OCI_CONFIG }, layers };
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, ...content }));
  return { mediaType: OCI_MANIFEST, digest: digestOf(bytes), bytes };
}

function tagged(registry: MemoryRegistry, tag = TAG): Signatures {
  const { tags, manifests } = registry.repository('acme/app');
  return JSON.parse(manifests.get(tags.get(tag) ?? '')?.bytes.toString() ?? '{}') as Signatures;
}

const names = (registry: MemoryRegistry) => tagged(registry).layers.map(({ annotations }) => annotations['signature']);
const puts = ({ requests }: MemoryRegistry) => requests.filter(({ method }) => method === 'PUT').length;

describe('an accessory tag', () => {
  it.each<[string, string[], string[], string[]]>([
    ['that is free is written', [], ['ours'], ['ours']],
    ['that is the same stays', ['ours'], ['ours'], ['ours']],
    ['that has ours and more stays', ['theirs', 'ours'], ['ours'], ['theirs', 'ours']],
    ['that has less is replaced', ['ours'], ['new', 'ours'], ['new', 'ours']],
    ['that has others is united', ['theirs', 'both'], ['both', 'ours'], ['theirs', 'both', 'ours']],
  ])('%s', async (_what, there, ours, result) => {
    await using registry = await startMemoryRegistry();
    if (there.length > 0) store(registry, [signatures(registry, ...there)], TAG);
    await putAccessoryTag(connect(registry).repository, TAG, signatures(registry, ...ours));
    expect(names(registry)).toEqual(result);
    const config = registry.repository('acme/app').blobs.get(tagged(registry).config.digest)?.toString() ?? '';
    const { rootfs, history } = JSON.parse(config) as { rootfs: { diff_ids: string[] }; history: string[] };
    expect([rootfs.diff_ids.length, history]).toEqual([result.length, result]);
  });

  it('is not written when nothing is missing', async () => {
    await using registry = await startMemoryRegistry();
    store(registry, [signatures(registry, 'theirs', 'ours')], TAG);
    await putAccessoryTag(connect(registry).repository, TAG, signatures(registry, 'ours'));
    expect(puts(registry)).toBe(0);
  });

  it('that another writer overwrites is repaired, theirs included', async () => {
    await using registry = await startMemoryRegistry();
    let writes = 0;
    registry.onRequest = ({ method, kind }) => {
      const after = method === 'GET' && kind === 'manifest' && puts(registry) === 1 && (writes += 1) === 1;
      if (after) store(registry, [signatures(registry, 'theirs')], TAG);
      return undefined;
    };
    await putAccessoryTag(connect(registry).repository, TAG, signatures(registry, 'ours'));
    expect(names(registry).toSorted()).toEqual(['ours', 'theirs']);
  });

  it('that is overwritten again and again is lost, and says so', async () => {
    await using registry = await startMemoryRegistry();
    registry.onRequest = ({ method, kind }) => {
      if (method === 'GET' && kind === 'manifest') store(registry, [signatures(registry, 'theirs')], TAG);
      return undefined;
    };
    const putting = putAccessoryTag(connect(registry).repository, TAG, signatures(registry, 'ours'));
    await expect(putting).rejects.toMatchObject({ code: 'attach-lost' });
  });

  it.each<[string, string, () => ManifestBlob, () => ManifestBlob]>([
    ['an SBOM, of which a reader takes one', `sha256-${'a'.repeat(64)}.sbom`, sbomOf('theirs'), sbomOf('ours')],
    ['an index', TAG, () => indexOf(manifestOf('theirs')), () => manifestOf('ours')],
  ])('of %s is taken when it differs', async (_what, tag, theirs, ours) => {
    await using registry = await startMemoryRegistry();
    store(registry, [theirs()], tag);
    const putting = putAccessoryTag(connect(registry).repository, tag, ours());
    await expect(putting).rejects.toMatchObject({ code: 'tag-taken' });
    expect(puts(registry)).toBe(0);
  });

  it('that may not be read is not taken for free', async () => {
    await using registry = await startMemoryRegistry();
    const ours = signatures(registry, 'ours');
    registry.onRequest = ({ method }) => (method === 'GET' ? { status: 403, body: errorBody('DENIED') } : undefined);
    const putting = putAccessoryTag(connect(registry).repository, TAG, ours);
    await expect(putting).rejects.toMatchObject({ code: 'registry-denied' });
  });
});

function sbomOf(name: string): () => ManifestBlob {
  return () => manifestOf(name, { layers: [blobOf(name).descriptor] });
}
