import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect, manifestOf, store } from '@plimsoll/testkit/registry/fixtures';
import { type MemoryRegistry, startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ManifestBlob } from '../oci/content.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import { OCI_INDEX } from '../oci/media-types.ts';
import { type MergeRequest, mergeShards } from './merge.ts';

const COMMIT = 'e'.repeat(40);
const OTHER = 'f'.repeat(40);
const REVISION = 'org.opencontainers.image.revision';

interface Shard {
  readonly digest: Digest;
  readonly manifests: readonly ManifestBlob[];
}

/**
 * What BuildKit pushes for some platforms of a commit: an index with an attestation beside each image.
 * @param said - by index and images, or by the index and by the images
 */
function shardOf(architectures: readonly string[], said: string | readonly string[] = COMMIT, salt = ''): Shard {
  const [ofIndex = '', ofImages = ofIndex] = typeof said === 'string' ? [said] : said;
  const keysOf = (commit: string) => (commit === '' ? {} : { [REVISION]: commit });
  const annotations = keysOf(ofIndex);
  const images = architectures.map((name) => manifestOf(`${name}${salt}`, { annotations: keysOf(ofImages) }));
  const attestations = architectures.map((name) => manifestOf(`about ${name}${salt}`));
  const entryOf = ({ mediaType, digest, bytes }: ManifestBlob) => ({ mediaType, digest, size: bytes.length });
  const entries = [
    ...images.map((image, at) => ({ ...entryOf(image), platform: { architecture: architectures[at], os: 'linux' } })),
    ...attestations.map((one, at) => ({
      ...entryOf(one),
      annotations: {
        'vnd.docker.reference.digest': images[at]?.digest,
        'vnd.docker.reference.type': 'attestation-manifest',
      },
      platform: { architecture: 'unknown', os: 'unknown' },
    })),
  ];
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: entries, annotations }),
  );
  const index = { mediaType: OCI_INDEX, digest: digestOf(bytes), bytes };
  return { digest: index.digest, manifests: [...images, ...attestations, index] };
}

const amd64 = shardOf(['amd64']);
const arm64 = shardOf(['arm64']);
const riscv64 = shardOf(['riscv64']);
const files = manifestOf('files', { annotations: { [REVISION]: COMMIT } });
const artifact: Shard = { digest: files.digest, manifests: [files] };
const ALL = ['linux/amd64', 'linux/arm64/v8', 'linux/riscv64'];

let registry: MemoryRegistry;
let sbomDirectory: string;

beforeAll(async () => {
  registry = await startMemoryRegistry();
  sbomDirectory = await mkdtemp(path.join(tmpdir(), 'merge-'));
});
afterAll(async () => {
  await registry.stop();
  await rm(sbomDirectory, { recursive: true, force: true });
});

function merge(shards: readonly Shard[], change: Partial<MergeRequest> = {}) {
  for (const { manifests } of shards) store(registry, manifests);
  const digests = shards.map(({ digest }) => digest);
  const attestationStyle = 'inline' as const;
  const annotations = { b: '2', a: '1' };
  const request = { platforms: ALL, commit: COMMIT, annotations, image: 'r/i', sbomDirectory, attestationStyle };
  const { repository: source, clock } = connect(registry);
  return mergeShards({ ...request, shards: digests, ...change }, { source, clock });
}

describe('shards', () => {
  it('become one index of all platforms and attestations, the same in any order', async () => {
    const orders = [
      [amd64, arm64, riscv64],
      [riscv64, amd64, arm64],
      [arm64, riscv64, amd64],
    ];
    const merged = await Promise.all(orders.map((order) => merge(order)));
    expect(new Set(merged.map(({ digest }) => digest)).size).toBe(1);
    const [first] = merged;
    const index = await first?.content.manifest(first.digest);
    const { manifests, annotations } = JSON.parse(index?.bytes.toString() ?? '') as {
      manifests: readonly { digest: string; platform: { architecture: string } }[];
      annotations: object;
    };
    const order = 'amd64 arm64 riscv64 unknown unknown unknown';
    expect(manifests.map(({ platform }) => platform.architecture).join(' ')).toBe(order);
    expect(manifests[3]?.digest).toBe(amd64.manifests[1]?.digest);
    expect(Object.keys(annotations)).toEqual(['a', 'b']);
    expect(first?.platforms.map(({ attestations }) => attestations.length)).toEqual([1, 1, 1]);
  });

  it('may hold several platforms each, and the same image comes out', async () => {
    const both = shardOf(['riscv64', 'amd64']);
    expect((await merge([both, arm64])).digest).toBe((await merge([amd64, arm64, riscv64])).digest);
  });

  it('are not written before somebody publishes them', async () => {
    const before = registry.requests.length;
    await merge([amd64, arm64, riscv64]);
    const asked = registry.requests.slice(before).map(({ method }) => method);
    expect(asked.filter((method) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
  });

  it('need not stand in the index with what is said about them', async () => {
    const inline = await merge([amd64, arm64, riscv64]);
    const bare = await merge([amd64, arm64, riscv64], { attestationStyle: 'referrers' });
    expect(bare.platforms.map(({ attestations }) => attestations.length)).toEqual([0, 0, 0]);
    expect(bare.platforms.map(({ descriptor }) => descriptor)).toEqual(
      inline.platforms.map(({ descriptor }) => descriptor),
    );
    expect(bare.digest).not.toBe(inline.digest);
  });

  it('that were pushed a moment ago are waited for, and not for ever', async () => {
    const late = (times: number) => {
      let left = times;
      registry.onRequest = ({ path: asked }) => {
        if (!asked.endsWith(arm64.manifests[0]?.digest ?? '')) return undefined;
        left -= 1;
        return left >= 0 ? { status: 404 } : undefined;
      };
    };
    late(5);
    expect((await merge([amd64, arm64, riscv64])).platforms).toHaveLength(3);
    late(1000);
    await expect(merge([amd64, arm64, riscv64])).rejects.toMatchObject({ code: 'shard-missing' });
    registry.onRequest = () => undefined;
  });

  const stray = { digest: `sha256:${'f'.repeat(64)}`, manifests: [] } as const;

  it.each<[string, readonly Shard[], string]>([
    ['that lack a platform', [amd64, arm64], 'shard-missing'],
    ['of which the registry has not all', [amd64, arm64, stray], 'shard-missing'],
    ['of which there are none', [], 'shard-missing'],
    ['given twice', [amd64, arm64, riscv64, amd64], 'shard-duplicate'],
    ['of which two are for one platform', [amd64, arm64, riscv64, shardOf(['arm64'], COMMIT, '!')], 'shard-duplicate'],
    ['for a platform that was not asked for', [amd64, arm64, riscv64, shardOf(['s390x'])], 'shard-unexpected'],
    ['of which one is no image', [amd64, arm64, riscv64, artifact], 'shard-unexpected'],
    ['of which one is no image, and has no platform left to be for', [amd64, arm64, artifact], 'shard-unexpected'],
    ['whose index alone says the commit', [amd64, arm64, shardOf(['riscv64'], [COMMIT, ''])], 'shard-mismatch'],
    [
      'of another commit under an index of this one',
      [amd64, arm64, shardOf(['riscv64'], [COMMIT, OTHER])],
      'shard-mismatch',
    ],
    [
      'of this commit under an index of another',
      [amd64, arm64, shardOf(['riscv64'], [OTHER, COMMIT])],
      'shard-mismatch',
    ],
    ['of different commits', [amd64, arm64, shardOf(['riscv64'], OTHER)], 'shard-mismatch'],
  ])('%s are refused', async (_name, shards, code) => {
    await expect(merge(shards)).rejects.toMatchObject({ code });
  });

  it('need an index of no commit, where every platform says it', async () => {
    const bare = shardOf(['riscv64'], ['', COMMIT]);
    expect((await merge([amd64, arm64, bare])).digest).toBe((await merge([amd64, arm64, riscv64])).digest);
  });

  it('all of another commit are refused, and so are those that do not say', async () => {
    await expect(merge([amd64, arm64, riscv64], { commit: 'a'.repeat(40) })).rejects.toMatchObject({
      code: 'shard-mismatch',
    });
    const silent = shardOf(['riscv64'], '');
    await expect(merge([amd64, arm64, silent])).rejects.toMatchObject({ code: 'shard-mismatch' });
  });

  it('that cannot be read are not taken for missing', async () => {
    registry.onRequest = ({ path: asked }) => (asked.includes(arm64.digest) ? { status: 403 } : undefined);
    const failed = merge([amd64, arm64, riscv64]);
    await expect(failed).rejects.toMatchObject({ code: 'registry-denied' });
    registry.onRequest = () => undefined;
  });
});
