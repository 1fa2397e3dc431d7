import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { noCredentials } from '@plimsoll/core/oci/auth/credentials';
import { executeCopy } from '@plimsoll/core/oci/copy';
import { planCopy } from '@plimsoll/core/oci/copy-plan';
import { readGraph } from '@plimsoll/core/oci/graph';
import { copyToLayout } from '@plimsoll/core/oci/layout-copy';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import { run } from '@plimsoll/core/runtime/exec';
import { Random } from '@plimsoll/testkit/github/random';
import { putRandomImage, type RandomImage } from '@plimsoll/testkit/promote/random-image';
import { startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { distributionOnPort } from '@plimsoll/testkit/world/registry/distribution';
import { startOlareg } from '@plimsoll/testkit/world/registry/olareg';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SEEDS = Array.from({ length: 12 }, (_none, seed) => seed);

let world: World;
let hosts: readonly string[];
let home: string;

beforeAll(async () => {
  world = await startWorld({ parts: [], tools: ['cosign', 'crane', 'olareg', 'regctl', 'registry'] });
  const listing = await startOlareg(world.lifetime, world.tools.olareg ?? '');
  const plain = await distributionOnPort(world.lifetime, world.tools.registry ?? '', { name: 'peers' });
  hosts = [plain, `${listing.host}:${listing.port}`];
  home = path.join(world.directory, 'clients');
  mkdirSync(home);
  const plainly = Object.fromEntries(hosts.map((hostname) => [hostname, { tls: 'disabled', hostname }]));
  writeFileSync(path.join(home, 'regctl.json'), JSON.stringify({ hosts: plainly }));
});

afterAll(() => world.close());

async function peer(tool: 'cosign' | 'crane' | 'regctl', ...args: string[]): Promise<string> {
  const env = { HOME: home, DOCKER_CONFIG: home, REGCTL_CONFIG: path.join(home, 'regctl.json'), PATH: '/usr/bin:/bin' };
  return (await run(world.tools[tool] ?? '', args, { env, cwd: home })).stdout;
}

function repository(at: string, name: string): Repository {
  return new Registries({ credentials: noCredentials }).repository({ registry: at, repository: name }, 'push');
}

/** A random image in a registry that lists referrers or does not, copied to a real one of either kind. */
async function promote(seed: number, host: string) {
  const listed = seed % 2 === 0;
  await using from = await startMemoryRegistry({ referrersApi: listed });
  const image = putRandomImage(from.repository('acme/app'), new Random(seed), listed);
  const source = repository(from.host, 'acme/app');
  const target = repository(host, `acme/seed-${seed}`);
  const plan = await planCopy({ source, target, root: image.root, referrers: true });
  await executeCopy(plan, { source, target });
  const { bytes } = await source.manifest(image.root.digest);
  await target.putManifest({ ...image.root, bytes }, 'v1');
  const found = new Set(plan.graph.nodes.keys());
  return { image, reachable: image.manifests.filter((digest) => found.has(digest)), text: bytes.toString() };
}

/** Hexadecimal digests of what regctl wrote into a layout: it checks each on the way. */
function blobsIn(directory: string): ReadonlySet<string> {
  return new Set(readdirSync(path.join(home, directory, 'blobs', 'sha256')));
}

const tags = ({ legacyTags }: RandomImage, reachable: readonly string[]) =>
  [...legacyTags].filter(([name]) => reachable.some((digest) => name.startsWith(digest.replace(':', '-'))));

describe('other clients read a promoted random image', () => {
  it.each(SEEDS)('of seed %i, whole and unchanged', async (seed) => {
    const host = hosts[Math.floor(seed / 2) % 2] ?? '';
    const { image, reachable, text } = await promote(seed, host);
    const name = `${host}/acme/seed-${seed}`;
    expect((await peer('crane', 'digest', `${name}:v1`)).trim()).toBe(image.root.digest);
    expect(await peer('crane', 'manifest', `${name}:v1`)).toBe(text);
    await peer('crane', 'pull', '--format=oci', `${name}:v1`, path.join(home, `crane-${seed}`));
    await peer('regctl', 'image', 'copy', '--referrers', '--digest-tags', `${name}:v1`, `ocidir://regctl-${seed}:v1`);
    const there = blobsIn(`regctl-${seed}`);
    expect(reachable.filter((digest) => !there.has(digest.slice('sha256:'.length)))).toEqual([]);
    for (const [tag, digest] of tags(image, reachable))
      expect((await peer('crane', 'digest', `${name}:${tag}`)).trim()).toBe(digest);
    expect(await peer('cosign', 'tree', '--allow-http-registry', '--allow-insecure-registry', `${name}:v1`)).toContain(
      `seed-${seed}`,
    );
  });

  it('from a layout directory, with what refers to it', async () => {
    await using from = await startMemoryRegistry({ referrersApi: false });
    const image = putRandomImage(from.repository('acme/app'), new Random(3), false);
    const source = repository(from.host, 'acme/app');
    const { nodes } = await readGraph(source, image.root, { referrers: true });
    await copyToLayout({
      source,
      root: image.root,
      directory: path.join(home, 'written'),
      name: 'v1',
      referrers: true,
    });
    await peer('regctl', 'image', 'copy', '--referrers', '--digest-tags', 'ocidir://written:v1', 'ocidir://read:v1');
    const there = blobsIn('read');
    expect(nodes.size).toBeGreaterThan(3);
    expect([...nodes.keys()].filter((digest) => !there.has(digest.slice('sha256:'.length)))).toEqual([]);
  });
});
